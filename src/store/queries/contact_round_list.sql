-- ?1 survey key, '' any; ?2 one round, 0 any; newest first
SELECT r.id, r.survey, r.channels, r.lang, r.lang_all, r.whom, r.segment, r.people, r.author, r.made_ms, r.due_ms, coalesce(r.stopped_ms, 0),
	(SELECT count(*) FROM contact_pending p WHERE p.arrival = -r.id AND p.arrival < 0)
FROM contact_round r WHERE (?1 = '' OR r.survey = ?1) AND (?2 = 0 OR r.id = ?2) ORDER BY r.id DESC LIMIT ?3;
