/*
 * Conformance: how far the journeys people made are from the one that was
 * intended. Method and the JSON of models: docs/methods/conformance.md.
 *
 * A model is nodes and edges; a way from a start to an end is a journey as
 * intended. An alignment goes through a case and the model side by side:
 * together (0), an event that the model does not have here, *inserted* (1),
 * or a node that the case does not have here, *skipped* (1; 0 when it is
 * optional). The cheapest is the cost; with n events of the case that count
 * and L nodes on the shortest way, fitness = 1 - cost / (n + L).
 */
#ifndef JOURNEY_CONFORMANCE_H
#define JOURNEY_CONFORMANCE_H

#include "journey/journey.h"
#include "stats/stats.h"

#define JOURNEY_MODEL_NODES_MAX 64
#define JOURNEY_MODEL_EDGES_MAX 1024
#define JOURNEY_MODEL_NAMES_MAX 1000  /* activities of all nodes, and ignored ones, together */
#define JOURNEY_MODEL_TRACE_MAX 2000  /* events of a case that count; longer cases are told apart */
#define JOURNEY_MODEL_BYTES_MAX 65536 /* as JSON */

struct journey_model_node {
	struct str name;              /* unique; what deviations call it */
	const struct str *activities; /* any of them is this node */
	size_t n_activities;
	bool optional, repeat; /* may be skipped; may occur again directly after itself */
	bool start, end;
};
struct journey_model_edge {
	uint16_t from, to;
};
struct journey_model {
	struct journey_model_node *nodes;
	size_t n_nodes;
	struct journey_model_edge *edges;
	size_t n_edges;
	const struct str *ignored; /* activities that are not looked at */
	size_t n_ignored;
	bool ignore_unknown; /* nor is any that no node has */
};
/*
 * Reads a model, and checks that every node lies on a way from a start to an
 * end. Copies what it keeps.
 * Errors: ERR_INPUT "model.…" with a place such as "/nodes/3/name" in the
 * text, field "model"; ERR_LIMIT above the maxima.
 */
NODISCARD enum err_code journey_model_read(struct str json, struct arena *a, struct journey_model *out,
                                           struct err *err);
/* The map's steps in order, each once or more in a row; touchpoints of one step are alternatives. optional[i] for
 * touchpoints[i]; a step is optional when all of its touchpoints are. What is on no touchpoint is ignored. */
NODISCARD enum err_code journey_model_of_map(const struct journey_rules *rules, const bool *optional, struct arena *a,
                                             struct journey_model *out, struct err *err);

struct journey_alignment {
	int64_t cost, length, shortest; /* length: events that count; shortest: L */
	double fitness;                 /* 1 when length and shortest are 0 */
};
/* One trace, by names. */
NODISCARD enum err_code journey_model_align(const struct journey_model *m, const struct str *trace, size_t n,
                                            struct arena *a, struct journey_alignment *out, struct err *err);

struct journey_deviation {
	bool inserted;               /* else skipped */
	struct str activity;         /* inserted: the activity; skipped: the node's name */
	int64_t cases, customers;    /* with it at least once */
	struct stats_estimate share; /* of the cases, Wilson */
};
struct journey_misfit {
	const struct str *steps; /* events that count */
	size_t n_steps;
	int64_t count; /* cases */
	double fitness;
};
#define JOURNEY_MISFITS_MAX 10
struct journey_conformance {
	int64_t cases, customers;             /* looked at */
	int64_t outside;                      /* cases without an event that counts: not looked at */
	int64_t too_long;                     /* cases above JOURNEY_MODEL_TRACE_MAX: not looked at */
	int64_t fitting;                      /* cost 0 */
	int64_t variants;                     /* different ones among the cases */
	double fitness_mean;                  /* over the cases; NaN without any */
	struct stats_estimate fitness;        /* the same with its interval, clustered by customer */
	struct journey_deviation *deviations; /* by falling cases, skipped first, then names */
	size_t n_deviations;
	struct journey_misfit worst[JOURNEY_MISFITS_MAX]; /* by falling count * (1 - fitness), then names */
	size_t n_worst;
};

/* Who shows a deviation. */
struct journey_conformance_figure {
	bool inserted;
	struct str activity;
};
struct journey_conformance_query {
	const struct journey_model *model;
	const struct journey_conformance_figure *figure; /* NULL: nobody is collected */
};
extern const struct journey_pass journey_conformance_pass; /* `what`: a struct journey_conformance_query */
NODISCARD enum err_code journey_conformance_result(const void *pass, struct arena *a, struct journey_conformance *out,
                                                   struct err *err);
NODISCARD enum err_code journey_conformance_people(const void *pass, const struct journey_set **out, struct err *err);

#endif
