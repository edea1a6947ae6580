SELECT version, rules FROM contact_rules ORDER BY version DESC LIMIT 1;
