-- a group of the writer
BEGIN IMMEDIATE
