// expect: derive from leat::trigger_base to leave some out
#include "program.hpp"

struct each_time {
  struct state {};
  trigger_result on_record(state&, timestamp, trigger_context&) const { return trigger_result::fire; }
};

void describe(job& j) {
  orders(j).key_by(&order::id).window(tumbling(10s)).trigger(each_time{}).aggregate<total>(key, sum(&order::cents));
}
