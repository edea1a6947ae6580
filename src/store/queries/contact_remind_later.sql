UPDATE contact_invitation SET remind_next_ms = ?2, remind_tries = remind_tries + 1 WHERE id = ?1;
