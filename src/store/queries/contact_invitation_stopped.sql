-- its token is nobody's any more, and its number free
UPDATE contact_invitation SET token = -id WHERE id = ?1;
