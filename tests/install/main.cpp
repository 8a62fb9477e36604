#include <leat/base/version.hpp>
#include <leat/connectors/kafka.hpp>
#include <leat/leat.hpp>
#include <leat/testing.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <iostream>
#include <string>

struct click {
  std::string page;
  leat::timestamp time;
};
BOOST_DESCRIBE_STRUCT(click, (), (page, time))

struct page_views {
  std::string page;
  leat::timestamp window_start;
  std::int64_t views;
};
BOOST_DESCRIBE_STRUCT(page_views, (), (page, window_start, views))

int main() {
  using namespace leat;
  job views{"page-views"};
  views.source(kafka::source<click>("clicks", json).event_time(&click::time, late_by(5s)))
    .key_by(&click::page)
    .window(tumbling(1min))
    .aggregate<page_views>(key, window_start, count)
    .sink(kafka::sink<page_views>("page-views", json));

  testing::test_run run{views};
  run.input<click>("clicks").push({"home", from_millis(61'000)});
  run.finish();
  if (run.output<page_views>("page-views").take().size() != 1)
    return 1;
  std::cout << "built a job with Leat " << leat::version << '\n';
}
