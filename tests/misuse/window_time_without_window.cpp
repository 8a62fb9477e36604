// expect: window_start and window_end need windows: write .window(…) before it
#include "program.hpp"

struct timed_total {
  std::string id;
  timestamp end;
};
BOOST_DESCRIBE_STRUCT(timed_total, (), (id, end))

void describe(job& j) { orders(j).key_by(&order::id).aggregate<timed_total>(key, window_end); }
