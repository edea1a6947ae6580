/* Threads have names, so that tools which show a running process can say what it is at. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

/* name has at most 15 bytes. False: the system gives no thread. */
static inline bool thread_start(pthread_t *t, const char *name, void *(*fn)(void *), void *arg)
{
	if (pthread_create(t, NULL, fn, arg) != 0) return false;
	pthread_setname_np(*t, name);
	return true;
}

/*
 * For a thread whose work may wait: from now on it, and those that it starts,
 * take what others leave of the processors, and little of what they want.
 * Never for one that somebody waits for while holding a lock for long.
 */
#define THREAD_BEHIND_NICE 19
static inline void thread_stand_back(int nice)
{
	/* Where the system says no, it goes on as it is. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), nice);
}
static inline void thread_behind(void)
{
	thread_stand_back(THREAD_BEHIND_NICE);
}

#endif
