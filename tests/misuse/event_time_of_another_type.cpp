// expect: event_time(f): f is a member of type leat::timestamp, or a function of the record that returns one
#include "program.hpp"

void describe(job& j) { orders(j).event_time(&order::cents); }
