UPDATE praise_mark SET arrival_end = ?1
