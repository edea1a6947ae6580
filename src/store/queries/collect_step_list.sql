SELECT event, stage, place FROM step_hint ORDER BY place, event;
