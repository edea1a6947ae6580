UPDATE user SET name = ?2, role = ?3, disabled = ?4, password = ?5, unit = NULLIF(?6, '') WHERE id = ?1
