// click-sessions: what a visitor did without a pause of half an hour, where it began and where it ended.

#include <leat/connectors/local.hpp>
#include <leat/leat.hpp>

struct click {
  std::string visitor, page;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(click, (), (visitor, page, at))

struct visit {
  std::string visitor;
  leat::timestamp from, to;
  std::int64_t clicks = 0;
  std::int64_t pages = 0;
  std::string first_page, last_page;
};
BOOST_DESCRIBE_STRUCT(visit, (), (visitor, from, to, clicks, pages, first_page, last_page))

namespace {

click at_minute(std::int64_t minute, std::string visitor, std::string page) {
  return {std::move(visitor), std::move(page), leat::from_millis(minute * 60'000)};
}

} // namespace

int main(int argc, char** argv) {
  using namespace leat;
  job clicks{"click-sessions"};
  clicks
    .source(collection<click>({
                                at_minute(0, "ann", "/"),
                                at_minute(4, "bob", "/offers"),
                                at_minute(9, "ann", "/shoes"),
                                at_minute(12, "ann", "/basket"),
                                at_minute(7, "bob", "/shoes"), // five minutes late
                                at_minute(55, "ann", "/"),
                                at_minute(70, "ann", "/"),
                              })
              .event_time(&click::at, late_by(10min)))
    .key_by(&click::visitor)
    .window(session(30min))
    .aggregate<visit>(
      key, window_start, window_end, count, count_distinct(&click::page), min_by(&click::at, &click::page),
      max_by(&click::at, &click::page))
    .sink(to_console<visit>());
  return run(clicks, argc, argv);
}
