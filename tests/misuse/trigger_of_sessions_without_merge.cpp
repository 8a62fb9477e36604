// expect: sessions merge, and t does not say what becomes of it: write trigger_result on_merge
#include "program.hpp"

struct each_time : trigger_base {
  trigger_result on_record(state&, timestamp, trigger_context&) const { return trigger_result::fire; }
};

void describe(job& j) {
  orders(j).key_by(&order::id).window(session(10s)).trigger(each_time{}).aggregate<total>(key, sum(&order::cents));
}
