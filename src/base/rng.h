/* xoshiro256** (Blackman and Vigna 2018), seeded by splitmix64. State is the caller's: nothing random is hidden. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t s[4];
};

/* `stream` gives independent sequences of one seed, so results do not depend on the order of tasks. */
void rng_init(struct rng *r, uint64_t seed, uint64_t stream);
uint64_t rng_next(struct rng *r);
double rng_unit(struct rng *r);                /* [0, 1) with 53 bits */
uint64_t rng_below(struct rng *r, uint64_t n); /* [0, n), without bias; n >= 1 */
double rng_normal(struct rng *r);              /* mean 0, sd 1 */

#endif
