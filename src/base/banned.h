/*
 * Functions that this code base does without. Included through the compiler
 * command line, after the system headers it needs, so that a use fails to
 * compile instead of waiting for a reviewer.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* With checked buffers glibc makes macros of these for clang, and what is a macro cannot be poisoned. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat sprintf vsprintf gets atoi atol atof strtok localtime gmtime asctime ctime rand srand

#endif
