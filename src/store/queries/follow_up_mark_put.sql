UPDATE follow_up_mark SET arrival_end = ?1
