SELECT arrival_end FROM event_block ORDER BY first_arrival DESC LIMIT 1;
