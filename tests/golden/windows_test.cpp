#include "golden.hpp"

using namespace leat;
using namespace leat::testing;

namespace {

struct click {
  std::string user, page;
  std::int64_t cents = 0;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(click, (), (user, page, cents, at))

struct spending {
  std::string user;
  leat::timestamp from, to;
  std::int64_t clicks = 0, cents = 0;
};
BOOST_DESCRIBE_STRUCT(spending, (), (user, from, to, clicks, cents))

struct best_pages {
  std::string user;
  leat::timestamp from;
  std::vector<std::string> pages;
};
BOOST_DESCRIBE_STRUCT(best_pages, (), (user, from, pages))

template <class Windowed>
auto spendings(const Windowed& windowed) {
  return windowed.template aggregate<spending>(key, window_start, window_end, count, sum(&click::cents));
}

const side_output<click> too_late{"too-late"};

} // namespace

TEST_CASE("tumbling, sliding and session windows and the top of a window") {
  golden([](golden_run& g) {
    const auto by_user = g.read<click>("clicks", &click::at, 2s).key_by(&click::user);
    g.expect("tumbling", spendings(by_user.window(tumbling(10s))));
    g.expect("sliding", spendings(by_user.window(sliding(10s, 5s))));
    g.expect("sessions", spendings(by_user.window(session(5s))));
    g.expect(
      "top_pages",
      by_user.window(tumbling(10s)).aggregate<best_pages>(key, window_start, top(2, &click::cents, &click::page)));
  });
}

TEST_CASE("a late record updates its window as long as that is allowed, and is a late one after that") {
  golden(pace::one_record, [](golden_run& g) {
    const auto windows = spendings(g.read<click>("late_clicks", &click::at)
                                     .key_by(&click::user)
                                     .window(tumbling(10s))
                                     .allowed_lateness(5s)
                                     .late_output(too_late));
    g.expect("late_updates", windows);
    g.expect("too_late", windows.side_output(too_late));
  });
}
