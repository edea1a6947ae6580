/* The route table, and what is done with it: finding, permitting, running. */
#include "http/priv.h"

#define SCOPE "version from to compare filter segment unit comments"
#define DRAW SCOPE " lang digits calendar theme interactive fonts scale"
#define HEARD                                                                                                          \
	"from to score_min score_max event map version filter segment touchpoint stage source channel unit lang tag assigned state commented topic policy sentiment text"
#define GET "GET"
#define POST "POST"

#define NOBODY GOVERN_NOBODY
#define VIEWER GOVERN_VIEWER
#define AGENT GOVERN_AGENT
#define ANALYST GOVERN_ANALYST
#define ADMIN GOVERN_ADMINISTRATOR

/* clang-format off */
const struct http_route http_routes[] = {
	/* method, path, least role, handler, name, query parameters, body, lane, flags */
	{ GET, "/healthz", NOBODY, get_healthz, "health", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/readyz", NOBODY, get_readyz, "ready", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/version", NOBODY, get_version, "version", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/metrics", ADMIN, get_metrics, "metrics", "", BODY_NONE, LANE_PRODUCT, ROUTE_TOKEN },
	{ GET, "/openapi.json", NOBODY, get_openapi, "openapi", "", BODY_NONE, LANE_PRODUCT, 0 },

	{ GET, "/api/session", NOBODY, get_session, "session", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/session", NOBODY, post_session, "signIn", "", BODY_JSON, LANE_SIGN_IN, ROUTE_NO_CSRF },
	{ "DELETE", "/api/session", VIEWER, delete_session, "signOut", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ POST, "/api/setup", NOBODY, post_setup, "setup", "", BODY_JSON, LANE_SIGN_IN, ROUTE_NO_CSRF },
	{ "PATCH", "/api/me", VIEWER, patch_me, "changeMe", "", BODY_JSON, LANE_SIGN_IN, ROUTE_UNIT_FREE },
	{ GET, "/api/organisation", VIEWER, get_organisation, "organisation", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ "PATCH", "/api/organisation", ADMIN, patch_organisation, "changeOrganisation", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/users", ADMIN, get_users, "users", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/users", ADMIN, post_users, "newUser", "", BODY_JSON, LANE_SIGN_IN, 0 },
	{ "PATCH", "/api/users/{login}", ADMIN, patch_user, "changeUser", "", BODY_JSON, LANE_SIGN_IN, 0 },
	{ "DELETE", "/api/users/{login}", ADMIN, delete_user, "deleteUser", "", BODY_NONE, LANE_PRODUCT, 0 },

	{ GET, "/api/status", VIEWER, get_status, "status", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ GET, "/api/sources", ANALYST, get_sources, "sources", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/sources", ADMIN, post_sources, "newSource", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/sources/quiet", ANALYST, get_quiet, "quietSources", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/sources/events", ANALYST, get_source_counts, "sourceCounts", "", BODY_NONE, LANE_PRODUCT, ROUTE_SOCKET },
	{ "PATCH", "/api/sources/{id}", ADMIN, patch_source, "changeSource", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ POST, "/api/sources/{id}/key", ADMIN, post_source_key, "newKey", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/sources/{id}/hook", ANALYST, post_hook_try, "tryHook", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/sources/{id}/set-aside", ANALYST, get_set_aside, "setAside", "before", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/sources/{id}/set-aside/reasons", ANALYST, get_aside_reasons, "setAsideReasons", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/set-aside/replay", ADMIN, post_replay, "replay", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ "DELETE", "/api/demo", ADMIN, delete_demo, "deleteDemo", "", BODY_NONE, LANE_PRODUCT, 0 },

	{ POST, "/api/uploads", ANALYST, post_uploads, "upload", "name", BODY_UPLOAD, LANE_PRODUCT, ROUTE_SOCKET },
	{ POST, "/api/imports/guess", ANALYST, post_guess, "guess", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ POST, "/api/imports", ANALYST, post_imports, "import", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/mappings", ANALYST, get_mappings, "mappings", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ "PUT", "/api/mappings/{name}", ANALYST, put_mapping, "saveMapping", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ "DELETE", "/api/mappings/{name}", ANALYST, delete_mapping, "deleteMapping", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/jobs/{id}", ANALYST, get_job, "job", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/jobs/{id}/events", ANALYST, get_job_events, "jobEvents", "", BODY_NONE, LANE_PRODUCT, ROUTE_SOCKET },
	{ "DELETE", "/api/jobs/{id}", ANALYST, delete_job, "cancelJob", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/rejects/{file}", ANALYST, get_rejects, "rejects", "", BODY_NONE, LANE_PRODUCT, 0 },

	{ GET, "/api/templates", VIEWER, get_templates, "templates", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ GET, "/api/maps", VIEWER, get_maps, "maps", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ POST, "/api/maps", ANALYST, post_maps, "newMap", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ POST, "/api/maps/propose", ANALYST, post_propose, "proposeMap", SCOPE, BODY_JSON, LANE_PRODUCT, 0 },
	{ POST, "/api/maps/table", ANALYST, post_table, "mapFromTable", "name format", BODY_TABLE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ GET, "/api/maps/{map}", VIEWER, get_map, "map", "version", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ "PUT", "/api/maps/{map}", ANALYST, put_map, "saveMap", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ "DELETE", "/api/maps/{map}", ADMIN, delete_map, "deleteMap", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/maps/{map}/versions", VIEWER, get_versions, "mapVersions", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ GET, "/api/maps/{map}/measured", VIEWER, get_measured, "measured", SCOPE " lang digits calendar", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/maps/{map}/drawing.svg", VIEWER, get_svg, "drawingSvg", DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/maps/{map}/drawing.png", VIEWER, get_png, "drawingPng", DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/maps/{map}/drawing.pdf", VIEWER, get_pdf, "drawingPdf", DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/maps/{map}/thumb.svg", VIEWER, get_thumb, "thumb", SCOPE " lang theme", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/maps/{map}/people", AGENT, get_people, "people", SCOPE " touchpoint step what cursor limit", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/maps/{map}/quotes", VIEWER, get_quotes, "quotes", SCOPE " touchpoint limit", BODY_NONE, LANE_PRODUCT, 0 },

	{ GET, "/api/feedback", AGENT, get_feedback, "feedback", HEARD " cursor limit", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/feedback/heard", AGENT, get_feedback_heard, "feedbackHeard", HEARD, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/feedback/facets", AGENT, get_feedback_facets, "feedbackFacets", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/feedback/events", AGENT, get_feedback_events, "feedbackEvents", "", BODY_NONE, LANE_PRODUCT, ROUTE_SOCKET | ROUTE_UNIT_FREE },
	{ POST, "/api/feedback/rebuild", ADMIN, post_feedback_rebuild, "rebuildFeedback", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/feedback/{arrival}", AGENT, get_feedback_one, "feedbackOne", "map version text", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ "PATCH", "/api/feedback/{arrival}", AGENT, patch_feedback, "changeFeedback", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/feedback/{arrival}/reply", AGENT, post_feedback_reply, "replyFeedback", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/feedback/{arrival}/praise", AGENT, post_feedback_praise, "settlePraise", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/feedback/{arrival}/corrections", AGENT, get_corrections, "corrections", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/feedback/{arrival}/corrections", AGENT, post_correction, "correctFeedback", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/feedback/{arrival}/corrections/undo", AGENT, post_correction_undo, "undoCorrection", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/follow-ups", AGENT, get_follow_ups, "followUps", "state responsible unit rule overdue arrival cursor limit", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/follow-ups/summary", VIEWER, get_follow_up_summary, "followUpSummary", "unit from to", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/follow-ups/{id}", AGENT, get_follow_up, "followUp", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ "PATCH", "/api/follow-ups/{id}", AGENT, patch_follow_up, "changeFollowUp", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/follow-ups/{id}/notes", AGENT, post_follow_up_note, "noteFollowUp", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/follow-ups/{id}/reply", AGENT, post_follow_up_reply, "replyFollowUp", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/follow-up-rules", AGENT, get_follow_up_rules, "followUpRules", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/follow-up-rules", ANALYST, post_follow_up_rules, "newFollowUpRule", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/follow-up-rules/try", ANALYST, post_follow_up_rule_try, "tryFollowUpRule", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ "PUT", "/api/follow-up-rules/{id}", ANALYST, put_follow_up_rule, "saveFollowUpRule", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ "DELETE", "/api/follow-up-rules/{id}", ANALYST, delete_follow_up_rule, "deleteFollowUpRule", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/colleagues", ANALYST, get_colleagues, "colleagues", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/colleagues", ADMIN, post_colleagues, "newColleague", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ "PUT", "/api/colleagues/{id}", ADMIN, put_colleague_one, "saveColleague", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ "DELETE", "/api/colleagues/{id}", ADMIN, delete_colleague, "deleteColleague", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/praise", VIEWER, get_praise, "praise", "of cursor limit", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/praise/counts", ANALYST, get_praise_counts, "praiseCounts", "from to", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/reports", ANALYST, get_reports, "reports", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/reports", ANALYST, post_reports, "newReport", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/reports/preview", ANALYST, get_report_preview, "reportPreview", "unit map role lang at", BODY_NONE, LANE_PRODUCT, 0 },
	{ "DELETE", "/api/reports/{id}", ANALYST, delete_report, "deleteReport", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/reports/{id}/send", ANALYST, post_report_send, "sendReport", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/units/settings", AGENT, get_unit_settings, "unitSettings", "unit", BODY_NONE, LANE_PRODUCT, 0 },
	{ "PUT", "/api/units/settings", ANALYST, put_unit_settings, "saveUnitSettings", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/feedback/{arrival}/notes", AGENT, post_feedback_note, "noteFeedback", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/models", ANALYST, get_models, "models", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ "PUT", "/api/models/labelling", ANALYST, put_labelling, "saveLabelling", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ POST, "/api/models/train", ANALYST, post_train, "trainModels", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ "PUT", "/api/models/use/{lang}", ANALYST, put_model_use, "useModel", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/models/doubtful", AGENT, get_doubtful, "doubtful", "unit lang limit", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/models/{id}", ANALYST, get_model, "model", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/topics", AGENT, get_topics, "topics", "from to event map version filter segment touchpoint stage source channel unit lang", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/topics/set", VIEWER, get_topic_set, "topicSet", "version", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ "PUT", "/api/topics/set", ANALYST, put_topic_set, "saveTopicSet", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ POST, "/api/topics/try", AGENT, post_topics_try, "tryTopics", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ GET, "/api/topics/moods", AGENT, get_topic_moods, "topicMoods", "from to event map version filter segment touchpoint stage source channel unit lang", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/topics/changes", AGENT, get_topic_changes, "topicChanges", "from to event map version filter segment touchpoint stage source channel unit lang before_from before_to", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/topics/series", AGENT, get_topic_series, "topicSeries", "from to event map version filter segment touchpoint stage source channel unit lang period periods week_start origin", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/topics/themes", AGENT, get_topic_themes, "topicThemes", "from to event map version filter segment touchpoint stage source channel unit lang themes before_from before_to", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/topics/{topic}/phrases", AGENT, get_topic_phrases, "topicPhrases", "from to event map version filter segment touchpoint stage source channel unit lang", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/topics/{topic}/quotes", AGENT, get_topic_quotes, "topicQuotes", "from to event map version filter segment touchpoint stage source channel unit lang limit", BODY_NONE, LANE_PRODUCT, 0 },

	{ GET, "/api/segments", VIEWER, get_segments, "segments", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/segments", ANALYST, post_segments, "newSegment", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ POST, "/api/segments/try", ANALYST, post_segment_try, "trySegment", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/segments/{key}", VIEWER, get_segment, "segment", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ "PUT", "/api/segments/{key}", ANALYST, put_segment, "saveSegment", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ "DELETE", "/api/segments/{key}", ANALYST, delete_segment, "deleteSegment", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },

	{ GET, "/api/surveys", VIEWER, get_surveys, "surveys", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/surveys", ANALYST, post_surveys, "newSurvey", "lang digits calendar", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ GET, "/api/surveys/templates", VIEWER, get_survey_templates, "surveyTemplates", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ POST, "/api/surveys/check", ANALYST, post_survey_check, "checkSurvey", "lang digits calendar", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ POST, "/api/surveys/import", ANALYST, post_survey_import, "importSurvey", "lang digits calendar", BODY_TABLE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ GET, "/api/surveys/{key}", VIEWER, get_survey, "survey", "version", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ "PUT", "/api/surveys/{key}", ANALYST, put_survey, "saveSurvey", "lang digits calendar", BODY_JSON, LANE_PRODUCT, 0 },
	{ "DELETE", "/api/surveys/{key}", ANALYST, delete_survey, "deleteSurvey", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/surveys/{key}/state", ANALYST, post_survey_state, "setSurveyState", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/surveys/{key}/results", VIEWER, get_survey_results, "surveyResults", "version from to language channel unit segment weight lang", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/surveys/{key}/silent", VIEWER, get_survey_silent, "surveySilent", "question version from to language channel unit segment", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/surveys/{key}/responses", AGENT, get_survey_responses, "surveyResponses", "cursor limit", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/surveys/{key}/links", VIEWER, get_survey_links, "surveyLinks", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/surveys/{key}/links", ANALYST, post_survey_links, "newSurveyLink", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/links/{code}/qr.svg", VIEWER, get_link_svg, "linkCodeSvg", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/links/{code}/qr.pdf", VIEWER, get_link_pdf, "linkCodePdf", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/surveys/{key}/sheets.pdf", VIEWER, get_survey_sheets, "surveySheets", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/surveys/preview", ANALYST, post_survey_preview, "previewDocument", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ GET, "/api/surveys/{key}/preview", VIEWER, get_survey_preview, "previewSurvey", "lang page version", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ "DELETE", "/api/surveys/{key}/links/{code}", ANALYST, delete_survey_link, "deleteSurveyLink", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/outbox/settings", VIEWER, get_outbox_settings, "outboxSettings", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ "PUT", "/api/outbox/settings", ADMIN, put_outbox_settings, "saveOutboxSettings", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/outbox/channels", ADMIN, get_channels, "channels", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ "PUT", "/api/outbox/channels/{key}", ADMIN, put_channel_route, "saveChannel", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ "DELETE", "/api/outbox/channels/{key}", ADMIN, delete_channel, "deleteChannel", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/outbox/channels/{key}/test", ADMIN, post_channel_test, "testChannel", "lang", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/outbox/messages", AGENT, get_messages, "messages", "channel state before limit", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/outbox/messages/{id}", AGENT, get_message, "message", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/outbox/messages/{id}/again", ANALYST, post_message_again, "messageAgain", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/outbox/sms", ANALYST, post_sms, "countSms", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ POST, "/v1/receipts/{channel}/{secret}", NOBODY, post_receipts, "receipts", "", BODY_FORM, LANE_PRODUCT, ROUTE_NO_CSRF },

	{ POST, "/api/surveys/{key}/invite", ANALYST, post_invite, "inviteToSurvey", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ POST, "/api/surveys/{key}/rounds", ANALYST, post_round, "newRound", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/surveys/{key}/rounds", VIEWER, get_rounds, "rounds", "limit", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/contact/rounds/{round}", VIEWER, get_round, "round", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/contact/rounds/{round}/stop", ANALYST, post_round_stop, "stopRound", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/surveys/{key}/funnel", VIEWER, get_survey_funnel, "surveyFunnel", "days", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/contact/rules", ANALYST, get_contact_rules, "contactRules", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ "PUT", "/api/contact/rules", ADMIN, put_contact_rules, "saveContactRules", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ POST, "/api/contact/what-if", ANALYST, post_what_if, "contactWhatIf", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/contact/decisions", AGENT, get_decisions, "contactDecisions", "survey customer reason before limit", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/contact/sums", VIEWER, get_contact_sums, "contactSums", "days", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/contact/ledger", AGENT, get_ledger, "contactLedger", "address before limit", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/contact/blocked", AGENT, get_blocked, "contactBlocked", "address before limit", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/contact/consent", AGENT, post_consent, "noteConsent", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ GET, "/u/{token}", NOBODY, get_leave, "unsubscribePage", "lang", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/u/{token}", NOBODY, post_leave, "unsubscribe", "lang", BODY_FORM, LANE_PRODUCT, ROUTE_NO_CSRF },

	{ GET, "/api/inventory", VIEWER, get_inventory, "inventory", "map " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/dimensions", VIEWER, get_dimensions, "dimensions", "", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ POST, "/api/dimensions", ANALYST, post_dimensions, "declareDimension", "", BODY_JSON, LANE_PRODUCT, ROUTE_UNIT_FREE },
	{ GET, "/api/dimensions/{name}/values", VIEWER, get_dimension_values, "dimensionValues", SCOPE " limit", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/customers", AGENT, get_customers, "customers", "search limit", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ GET, "/api/customers/{id}", AGENT, get_customer, "customer", "map version limit bodies", BODY_NONE, LANE_PRODUCT, ROUTE_UNIT_ROWS },
	{ POST, "/api/customers/{id}/erase", ADMIN, post_customer_erase, "eraseCustomer", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/customers/{id}/export", ADMIN, get_customer_export, "customerExport", "", BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/erasures", ADMIN, get_erasures, "erasures", "id limit", BODY_NONE, LANE_PRODUCT, 0 },
	{ POST, "/api/customers/{id}/merge", ANALYST, post_customer_merge, "mergeCustomer", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ POST, "/api/customers/{id}/unmerge", ANALYST, post_customer_unmerge, "unmergeCustomer", "", BODY_JSON, LANE_PRODUCT, 0 },
	{ GET, "/api/query/dfg", VIEWER, get_dfg, "queryDfg", "map case times edges variants " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/dfg/people", AGENT, get_dfg_people, "queryDfgPeople", "map case activity edge_from edge_to start end cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/flow", VIEWER, get_flow, "queryFlow", "map case activities edges variants lang " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/flow.svg", VIEWER, get_flow_svg, "queryFlowSvg", "map case activities edges variants " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/flow.png", VIEWER, get_flow_png, "queryFlowPng", "map case activities edges variants " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/flow.pdf", VIEWER, get_flow_pdf, "queryFlowPdf", "map case activities edges variants " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/flow/people", AGENT, get_flow_people, "queryFlowPeople", "map case activities edges activity edge_from edge_to start end cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/funnel", VIEWER, get_funnel, "queryFunnel", "map case steps exclude window order by " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/funnel.svg", VIEWER, get_funnel_svg, "queryFunnelSvg", "map case steps exclude window order " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/funnel.png", VIEWER, get_funnel_png, "queryFunnelPng", "map case steps exclude window order " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/funnel.pdf", VIEWER, get_funnel_pdf, "queryFunnelPdf", "map case steps exclude window order " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/funnel/people", AGENT, get_funnel_people, "queryFunnelPeople", "map case steps exclude window order by step lost value cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/rework", VIEWER, get_rework, "queryRework", "map case " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/rework/people", AGENT, get_rework_people, "queryReworkPeople", "map case name loop_from loop_to ping pong cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/handovers", VIEWER, get_handovers, "queryHandovers", "map case " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/handovers/people", AGENT, get_handover_people, "queryHandoversPeople", "map case hand_from hand_to cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/bottlenecks", VIEWER, get_bottlenecks, "queryBottlenecks", "map case target " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/lead", VIEWER, get_lead, "queryLead", "map case about staff " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/lift", VIEWER, get_lift, "queryLift", "map case outcome before " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/lift/people", AGENT, get_lift_people, "queryLiftPeople", "map case outcome before name reached cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/conformance", VIEWER, get_conformance, "queryConformance", "map case model " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/conformance/people", AGENT, get_conformance_people, "queryConformancePeople", "map case model activity deviation cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/recovery", VIEWER, get_recovery, "queryRecovery", "map case after hurt contact stay within later window by " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/beginnings", VIEWER, get_beginnings, "queryBeginnings", "map case by outcome currency " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/credit", VIEWER, get_credit, "queryCredit", "map case by outcome currency " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/churn", AGENT, get_risk, "queryChurn", "map case horizon activity currency customer limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/value", VIEWER, get_worth, "queryValue", "map case purchase currency months discount margin " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/value/people", AGENT, get_worth_people, "queryValuePeople", "map case purchase currency months discount margin recency frequency cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/felt", VIEWER, get_felt, "queryFelt", "map case currency " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/survival", VIEWER, get_stays, "querySurvival", "map case activity any by pause " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/retention", VIEWER, get_retention, "queryRetention", "map case period kind start back weight currency origin week_start " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/retention.svg", VIEWER, get_retention_svg, "queryRetentionSvg", "map case period kind start back weight currency origin week_start " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/retention.png", VIEWER, get_retention_png, "queryRetentionPng", "map case period kind start back weight currency origin week_start " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/retention.pdf", VIEWER, get_retention_pdf, "queryRetentionPdf", "map case period kind start back weight currency origin week_start " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/retention/people", AGENT, get_retention_people, "queryRetentionPeople", "map case period kind start back weight currency origin week_start cohort offset cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/score", VIEWER, get_score, "queryScore", "map case survey kind scale good reversed level interval language channel " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/scores", VIEWER, get_scores, "queryScores", "map case by low " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/scores/people", AGENT, get_scores_people, "queryScoresPeople", "map case by low name value cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/series", VIEWER, get_series, "querySeries", "map case kind period by touchpoint origin week_start " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/series.svg", VIEWER, get_series_svg, "querySeriesSvg", "map case kind period by touchpoint origin week_start " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/series.png", VIEWER, get_series_png, "querySeriesPng", "map case kind period by touchpoint origin week_start " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/series.pdf", VIEWER, get_series_pdf, "querySeriesPdf", "map case kind period by touchpoint origin week_start " DRAW, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/series/people", AGENT, get_series_people, "querySeriesPeople", "map case kind period by touchpoint origin week_start name start_ms cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/variants", VIEWER, get_variants, "queryVariants", "map case top cut " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/variants/people", AGENT, get_variants_people, "queryVariantsPeople", "map case top cut id cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/silent", VIEWER, get_silent, "querySilent", "map case about asked " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/touchpoints", VIEWER, get_touchpoints, "queryTouchpoints", "map case by " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/consistency", VIEWER, get_consistency, "queryConsistency", "map case by lang digits calendar " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/money", VIEWER, get_money, "queryMoney", "map case horizon lang digits calendar " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/phases", VIEWER, get_phases, "queryPhases", "map case " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/friction", VIEWER, get_friction, "queryFriction", "map case lang digits calendar " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/waits", VIEWER, get_waits, "queryWaits", "map case " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/tasks", VIEWER, get_tasks, "queryTasks", "map case start done window " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/moments", VIEWER, get_moments, "queryMoments", "map outcome within good bad lang digits calendar " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/moments/people", AGENT, get_moments_people, "queryMomentsPeople", "map outcome within good bad name side reached cursor limit " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/compare", VIEWER, get_compare, "queryCompare", "map case against " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/units", VIEWER, get_units, "queryUnits", "map case dimension " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },
	{ GET, "/api/query/inventory", VIEWER, get_query_inventory, "queryInventory", "map case " SCOPE, BODY_NONE, LANE_PRODUCT, 0 },

	{ GET, "/s/{way}", NOBODY, get_survey_page, "surveyPage", "lang r kiosk", BODY_NONE, LANE_PRODUCT, ROUTE_PUBLIC },
	{ GET, "/e/{way}", NOBODY, get_mail_page, "mailScore", "q v lang r", BODY_NONE, LANE_PRODUCT, ROUTE_PUBLIC },
	{ POST, "/e/{way}", NOBODY, post_survey_page, "mailScoreStep", "", BODY_FORM, LANE_PRODUCT, ROUTE_PUBLIC },
	{ GET, "/v1/widget/{key}/config", NOBODY, get_widget_config, "widgetConfig", "", BODY_NONE, LANE_PRODUCT, ROUTE_PUBLIC },
	{ POST, "/v1/widget/{key}/ask", NOBODY, post_widget_ask, "widgetAsk", "", BODY_JSON, LANE_COLLECT, ROUTE_PUBLIC },
	{ POST, "/s/{way}", NOBODY, post_survey_page, "surveyPageStep", "kiosk", BODY_FORM, LANE_PRODUCT, ROUTE_PUBLIC },

	/* Live protocols: a slash at the end is the same address, pages of other sites may send. */
#define INGEST(method, path, handler, name, query) \
	{ method, path, NOBODY, handler, name, query, BODY_INGEST, LANE_EVENTS, ROUTE_KEY }
#define COLLECT(long_path, short_path, handler, name) \
	INGEST(POST, long_path, handler, name, "writeKey token"), \
	INGEST(POST, short_path, handler, name "Short", "writeKey token")
#define CAPTURE(path, name) \
	INGEST(POST, path, take_posthog, name, "token compression"), \
	{ GET, path, NOBODY, take_posthog, name "Get", "token compression data", BODY_NONE, LANE_EVENTS, ROUTE_KEY }
#define MATOMO(path, name) \
	INGEST(POST, path, take_matomo, name, "idsite rec token_auth"), \
	{ GET, path, NOBODY, take_matomo, name "Get", "idsite rec uid _id url action_name e_c e_a token_auth", BODY_NONE, LANE_EVENTS, ROUTE_KEY }
	COLLECT("/v1/identify", "/v1/i", post_identify, "collectIdentify"),
	COLLECT("/v1/track", "/v1/t", post_track, "collectTrack"),
	COLLECT("/v1/page", "/v1/p", post_page, "collectPage"),
	COLLECT("/v1/screen", "/v1/s", post_screen, "collectScreen"),
	COLLECT("/v1/group", "/v1/g", post_group, "collectGroup"),
	COLLECT("/v1/alias", "/v1/a", post_alias, "collectAlias"),
	COLLECT("/v1/batch", "/v1/b", post_batch, "collectBatch"),
	INGEST(POST, "/v1/import", post_import_events, "collectImport", "writeKey token"),
	INGEST(POST, "/beacon/v1/batch", post_batch, "collectBeacon", "writeKey"),
	{ GET, "/pixel/v1/track", NOBODY, get_pixel_track, "pixelTrack", "writeKey userId anonymousId event", BODY_NONE, LANE_EVENTS, ROUTE_KEY },
	{ GET, "/pixel/v1/page", NOBODY, get_pixel_page, "pixelPage", "writeKey userId anonymousId name", BODY_NONE, LANE_EVENTS, ROUTE_KEY },
	{ GET, "/sourceConfig", NOBODY, get_source_config, "sourceConfig", "writeKey", BODY_NONE, LANE_PRODUCT, ROUTE_KEY },
	{ GET, "/health", NOBODY, get_healthz, "healthShort", "", BODY_NONE, LANE_PRODUCT, 0 },
	INGEST(POST, "/v1/events", post_cloudevents, "collectCloudEvents", "writeKey token"),
	INGEST(POST, "/v1/hooks/{kind}/{key}", take_hook, "hook", ""),
	{ GET, "/v1/hooks/{kind}/{key}", NOBODY, take_hook, "hookThere", "", BODY_NONE, LANE_PRODUCT, ROUTE_PUBLIC },
	CAPTURE("/e", "captureShort"),
	CAPTURE("/i/v0/e", "captureEdge"),
	CAPTURE("/capture", "capture"),
	CAPTURE("/track", "captureTrack"),
	CAPTURE("/engage", "captureEngage"),
	INGEST(POST, "/batch", take_posthog, "captureBatch", "token compression"),
	{ POST, "/s", NOBODY, post_recording, "captureRecording", "", BODY_INGEST, LANE_PRODUCT, ROUTE_PUBLIC | ROUTE_LIVE },
	{ POST, "/flags", NOBODY, take_flags, "captureFlags", "v", BODY_INGEST, LANE_PRODUCT, ROUTE_PUBLIC | ROUTE_LIVE },
	{ POST, "/decide", NOBODY, take_flags, "captureDecide", "v", BODY_INGEST, LANE_PRODUCT, ROUTE_PUBLIC | ROUTE_LIVE },
	{ GET, "/array/{token}/config", NOBODY, get_capture_config, "captureConfig", "", BODY_NONE, LANE_PRODUCT, ROUTE_PUBLIC | ROUTE_LIVE },
	MATOMO("/matomo.php", "matomo"),
	MATOMO("/piwik.php", "piwik"),
	MATOMO("/matomo/{key}/matomo.php", "matomoByPath"),
	{ GET, "/v1/surveys/{way}/form", NOBODY, get_survey_form, "surveyForm", "lang response writeKey", BODY_NONE, LANE_PRODUCT, ROUTE_PUBLIC },
	{ POST, "/v1/surveys/{way}/responses", NOBODY, post_response, "newResponse", "writeKey", BODY_JSON, LANE_ANSWER, ROUTE_PUBLIC },
	{ "PATCH", "/v1/responses/{response}", NOBODY, patch_response, "changeResponse", "", BODY_JSON, LANE_ANSWER, ROUTE_PUBLIC },
	{ POST, "/v1/reviews", NOBODY, post_reviews, "collectReviews", "writeKey token", BODY_INGEST, LANE_COLLECT, ROUTE_KEY },
	{ POST, "/v1/m", NOBODY, post_metrics, "collectMetrics", "", BODY_INGEST, LANE_PRODUCT, ROUTE_PUBLIC | ROUTE_LIVE },
	{ GET, "/v1/projects/{key}/settings", NOBODY, get_settings, "collectSettings", "", BODY_NONE, LANE_PRODUCT, ROUTE_KEY },
};
/* clang-format on */
const size_t http_route_count = COUNT_OF(http_routes);

/* Not in the table, because they are no operations: preflights, and files of the page. */
static const struct http_route preflight = { "OPTIONS", "/v1/*",   NOBODY,       options_collect, "preflight",
	                                     "",        BODY_NONE, LANE_PRODUCT, ROUTE_KEY };
static const struct http_route asset = { GET, "/*", NOBODY, get_asset, "asset", "", BODY_NONE, LANE_PRODUCT, 0 };

/* Whether the path fits the pattern; the parameters are then in the call. */
static bool fits(struct http_call *c, const char *pattern, struct str path)
{
	const char *p = pattern, *at = path.ptr, *end = path.ptr + path.len;
	size_t n = 0;
	while (*p && at < end) {
		if (*p == '{') {
			const struct str rest = { at, (size_t)(end - at) }, one = str_cut(rest, 0, str_find(rest, '/'));
			if (!one.len || n == CALL_PARAMS_MAX) return false;
			if (!percent_decode(c->arena, one, false, &c->params[n++])) return false;
			at += one.len;
			while (*p++ != '}') continue;
		} else if (*p++ != *at++) {
			return false;
		}
	}
	return !*p && at == end;
}

static bool under(struct str path, const char *prefix)
{
	struct str p = str_of(prefix);
	return str_starts(path, p) && (path.len == p.len || path.ptr[p.len] == '/');
}

/* Whether pages of other sites may ask. */
static bool from_any_site(const struct http_route *r)
{
	return (r->flags & (ROUTE_KEY | ROUTE_PUBLIC)) != 0;
}

/* "/e/" is "/e" where programs send, and nothing where people go. */
static bool fits_route(struct http_call *c, const struct http_route *r, struct str path)
{
	if (fits(c, r->path, path)) return true;
	if (!from_any_site(r) || path.len < 2 || path.ptr[path.len - 1] != '/') return false;
	return fits(c, r->path, str_cut(path, 0, path.len - 1));
}

/* What a live protocol answers can be read from any page, refusals too. */
static enum err_code found(struct http_call *c, const struct http_route *r)
{
	c->route = r;
	if (r->flags & (ROUTE_KEY | ROUTE_LIVE)) answer_cors(c);
	return OK;
}

/* What this thread found last by a path without parameters: senders ask for one address over and over. */
static _Thread_local struct {
	char path[32], method[8];
	struct str path_seen, method_seen;
	const struct http_route *route;
} last;

static void remember(struct str path, struct str method, const struct http_route *r)
{
	if (strchr(r->path, '{') || path.len > sizeof last.path || method.len > sizeof last.method) return;
	memcpy(last.path, path.ptr, path.len);
	memcpy(last.method, method.ptr, method.len);
	last.path_seen = (struct str){ last.path, path.len };
	last.method_seen = (struct str){ last.method, method.len };
	last.route = r;
}

enum err_code route_find(struct http_call *c, struct err *err)
{
	struct str path = c->path, method = c->method, allow = { 0 };
	const bool collect = under(path, "/v1"), preflighted = str_eq(method, STR("OPTIONS"));
	if (str_eq(method, STR("HEAD"))) method = STR("GET");
	if (collect && preflighted) return found(c, &preflight);
	if (last.route && str_eq(path, last.path_seen) && str_eq(method, last.method_seen)) return found(c, last.route);
	for (size_t i = 0; i < http_route_count; i++) {
		const struct http_route *r = &http_routes[i];
		if (!fits_route(c, r, path)) continue;
		if (preflighted && from_any_site(r)) return found(c, &preflight);
		if (str_eq(method, str_of(r->method))) {
			remember(path, method, r);
			return found(c, r);
		}
		allow = allow.ptr ? str_format(c->arena, STR_FMT ", %s", STR_ARG(allow), r->method) : str_of(r->method);
	}
	if (allow.ptr) {
		answer_header(c, "Allow", allow);
		return err_set(err, ERR_INPUT, "http.method", "", "" STR_FMT " is not possible here, only " STR_FMT "",
		               (int)(c->method.len < 20 ? c->method.len : 20), c->method.ptr, STR_ARG(allow));
	}
	if (str_eq(method, STR("GET")) && !collect && !under(path, "/api") && !under(path, "/array")) {
		c->route = &asset;
		return OK;
	}
	return err_set(err, ERR_NOT_FOUND, "http.path", "", "there is nothing at this address");
}

/* --- who may ----------------------------------------------------------------------------------- */

static bool changes(const struct http_call *c)
{
	return !str_eq(c->method, STR("GET")) && !str_eq(c->method, STR("HEAD"));
}

/* A page of somebody else's must not make a browser of ours do things. */
static enum err_code same_site(struct http_call *c, struct err *err)
{
	struct str origin = c->headers[H_ORIGIN], host = c->headers[H_HOST];
	bool foreign = str_eq(c->headers[H_FETCH_SITE], STR("cross-site"));
	if (origin.len) {
		struct str of = origin;
		size_t at = 0;
		while (at + 3 <= of.len && memcmp(of.ptr + at, "://", 3) != 0) at++;
		of = at + 3 <= of.len ? str_cut(of, at + 3, of.len) : (struct str){ 0 };
		if (!of.len || !str_eq_ascii_nocase(of, host)) foreign = true;
	}
	if (foreign) return err_set(err, ERR_DENIED, "http.origin", "", "this request comes from another site's page");
	return OK;
}

const char *route_cookie(struct http_call *c)
{
	struct str host = c->headers[H_HOST];
	size_t at = host.len;
	while (at > 0 && host.ptr[at - 1] >= '0' && host.ptr[at - 1] <= '9') at--;
	if (at == 0 || at == host.len || host.len - at > 5 || host.ptr[at - 1] != ':') return "safar_session";
	struct str name = str_format(c->arena, "safar_session_" STR_FMT, STR_ARG(str_cut(host, at, host.len)));
	return name.ptr ? name.ptr : "safar_session";
}

static enum err_code who(struct http_call *c, struct err *err)
{
	if (c->local) {
		c->role = GOVERN_ADMINISTRATOR;
		c->signed_in = true;
		return OK;
	}
	struct str token = cookie_get(c->headers[H_COOKIE], route_cookie(c));
	if (!token.len) return OK;
	struct err none;
	enum err_code rc = govern_session(c->h->opt.govern, token, c->arena, &c->session, &none);
	if (rc == OK) {
		c->signed_in = true;
		c->role = c->session.user.role;
		return OK;
	}
	if (rc == ERR_DENIED) return OK; /* an old cookie is no cookie */
	if (err) *err = none;
	return rc;
}

/*
 * A database that was restored may have people in it who were erased since, until they are erased again: what needs no
 * index would answer with them.
 */
static enum err_code forgetting(const struct http_call *c, struct err *err)
{
	if (!store_owes(c->h->opt.store) || c->route->role == GOVERN_NOBODY) return OK;
	if (strcmp(c->route->name, "erasures") == 0 || strcmp(c->route->name, "signOut") == 0) return OK;
	return err_set(err, ERR_UNAVAILABLE, "restore.forgetting", "",
	               "who was erased before this backup was restored is being erased again");
}

enum err_code route_permit(struct http_call *c, struct err *err)
{
	const struct http_route *r = c->route;
	if (r->flags & (ROUTE_KEY | ROUTE_PUBLIC) || r == &asset || r == &preflight) return OK;
	if (r->flags & ROUTE_TOKEN && metrics_token_is(c)) return OK;
	if (changes(c) && !c->local) TRY(same_site(c, err));
	TRY(who(c, err));
	if (r->role == GOVERN_NOBODY) return OK;
	if (!c->signed_in) {
		enum err_code rc = err_set(err, ERR_DENIED, "session.none", "", "nobody is signed in");
		err_hint(err, "Sign in first.");
		return rc;
	}
	if (c->role < r->role) {
		enum err_code rc =
		        err_set(err, ERR_DENIED, "role.low", "", "this needs the role %s", govern_role_names[r->role]);
		err_hint(err, "An administrator can give you another role.");
		return rc;
	}
	TRY(unit_permit(c, err));
	TRY(forgetting(c, err));
	if (changes(c) && !c->local && !(r->flags & ROUTE_NO_CSRF) &&
	    !govern_csrf_ok(&c->session, c->headers[H_CSRF])) {
		enum err_code rc = err_set(err, ERR_DENIED, "session.csrf", "", "the page's token is missing or old");
		err_hint(err, "Load the page again.");
		return rc;
	}
	return OK;
}

static void answered(struct http_call *c, enum err_code rc, struct err *err)
{
	if (rc == OK) rc = buf_check(&c->out, err);
	if (rc == OK) rc = export_answer(c, err);
	if (rc != OK) {
		if (c->fd >= 0) close(c->fd);
		c->fd = -1;
		answer_problem(c, err);
	}
	if (!c->status) c->status = 200;
}

bool route_begin(struct http_call *c, bool permitted)
{
	struct err err = { 0 };
	enum err_code rc = permitted ? OK : route_permit(c, &err);
	struct str object;
	if (rc == OK && c->route->body == BODY_JSON) rc = body_object(c, &object, &err);
	if (rc == OK) rc = export_check(c, &err);
	if (rc == OK) rc = c->route->handler(c, &err);
	if (rc == OK && c->later.job) return true;
	answered(c, rc, &err);
	return false;
}

void route_end(struct http_call *c)
{
	struct err err = { 0 };
	answered(c, c->later.answer(c, c->later.ctx, &err), &err);
}

void route_answer(struct http_call *c, bool permitted)
{
	if (!route_begin(c, permitted)) return;
	store_append_jobs(c->h->opt.store, &c->later.job, 1);
	route_end(c);
}

int http_local(struct http *h, const char *method, const char *target, struct str body, struct buf *out)
{
	struct arena arena;
	struct err err = { 0 };
	arena_init(&arena, CALL_ARENA_BYTES);
	struct http_call c = {
		.h = h, .arena = &arena, .method = str_of(method), .body = body, .local = true, .fd = -1
	};
	buf_init(&c.out, CALL_OUT_BYTES);
	enum err_code rc = request_target(&c, str_of(target), &err);
	if (rc == OK) rc = route_find(&c, &err);
	if (rc == OK && c.route->flags & ROUTE_SOCKET)
		rc = err_set(&err, ERR_INPUT, "http.local", "", "this route needs a connection to a running server");
	if (rc == OK) route_answer(&c, false);
	else answer_problem(&c, &err);
	if (c.fixed) buf_put(out, c.fixed, c.n_fixed);
	else buf_str(out, buf_view(&c.out));
	if (c.fd >= 0) {
		char chunk[16384];
		for (ssize_t n; (n = read(c.fd, chunk, sizeof chunk)) > 0;) buf_put(out, chunk, (size_t)n);
		close(c.fd);
	}
	buf_done(&c.out);
	arena_done(&arena);
	return c.status;
}
