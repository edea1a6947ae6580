UPDATE user SET name = ?2, role = ?3, disabled = ?4, password = ?5 WHERE id = ?1
