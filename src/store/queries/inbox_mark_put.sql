UPDATE feedback_mark SET arrival_end = ?1
