SELECT f.message, f.name, f.type FROM outbox_file f JOIN outbox_message m ON m.id = f.message WHERE m.customer = ?1
