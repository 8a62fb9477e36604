// expect: event_time(f): f is a member of the record, of type leat::timestamp
#include "program.hpp"

#include <leat/connectors/kafka.hpp>

struct revenue {
  leat::timestamp window_start;
};

void describe(job& j) {
  j.source(kafka::source<order>("orders", json).event_time(&revenue::window_start, late_by(5s))).sink(to_console<order>());
}
