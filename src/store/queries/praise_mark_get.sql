SELECT arrival_end FROM praise_mark
