SELECT arrival_end FROM insight_mark WHERE id = 1
