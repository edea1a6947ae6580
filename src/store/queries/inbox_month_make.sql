CREATE VIRTUAL TABLE IF NOT EXISTS feedback_text_@month USING fts5(words, content = '', columnsize = 0, tokenize = 'ascii', prefix = '1 2 3')
