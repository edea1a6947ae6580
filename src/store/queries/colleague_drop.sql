DELETE FROM colleague WHERE id = ?1
