-- invitations of round ?1 behind ?2 that may still be in the outbox
SELECT i.id, i.decision, i.token FROM contact_decision d JOIN contact_invitation i ON i.decision = d.id
WHERE d.round = ?1 AND d.round > 0 AND i.sent_ms IS NULL AND i.failed_ms IS NULL AND i.id > ?2 ORDER BY i.id LIMIT ?3;
