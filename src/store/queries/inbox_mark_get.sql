SELECT arrival_end FROM feedback_mark
