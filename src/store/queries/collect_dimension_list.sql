SELECT property FROM dimension ORDER BY property;
