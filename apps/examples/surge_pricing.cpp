// surge-pricing: every five minutes, what a ride costs more in each zone: how many asked for one in the last ten minutes, for
// each driver who was free there.

#include <leat/connectors/local.hpp>
#include <leat/leat.hpp>

#include <algorithm>
#include <set>
#include <span>
#include <string>

struct ride_request {
  std::string zone, rider;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(ride_request, (), (zone, rider, at))

struct free_driver {
  std::string zone, driver;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(free_driver, (), (zone, driver, at))

struct surge {
  std::string zone;
  leat::timestamp until;
  std::int64_t requests = 0, drivers = 0;
  double factor = 1;
};
BOOST_DESCRIBE_STRUCT(surge, (), (zone, until, requests, drivers, factor))

namespace {

leat::timestamp minute(std::int64_t n) { return leat::from_millis(n * 60'000); }

void price(
  const std::string& zone, const leat::time_window& window, std::span<const leat::timed_record<ride_request>> requests,
  std::span<const leat::timed_record<free_driver>> drivers, leat::collector<surge>& out) {
  std::set<std::string> free; // a driver says it again and again
  for (const auto& d : drivers)
    free.insert(d.record.driver);
  const auto demand = static_cast<double>(requests.size());
  const auto supply = static_cast<double>(std::max<std::size_t>(1, free.size()));
  out.push(surge{
    zone, window.end, static_cast<std::int64_t>(requests.size()), static_cast<std::int64_t>(free.size()),
    std::clamp(demand / supply, 1.0, 3.0)});
}

} // namespace

int main(int argc, char** argv) {
  using namespace leat;
  job surges{"surge-pricing"};
  const auto requests = surges
                          .source(collection<ride_request>({
                                                             {"centre", "ann", minute(1)},
                                                             {"centre", "bob", minute(2)},
                                                             {"port", "cid", minute(3)},
                                                             {"centre", "dan", minute(6)},
                                                             {"centre", "eve", minute(7)},
                                                           })
                                    .event_time(&ride_request::at, late_by(1min)))
                          .named("requests");
  const auto drivers = surges
                         .source(collection<free_driver>({
                                                           {"centre", "x", minute(0)},
                                                           {"port", "y", minute(2)},
                                                           {"centre", "x", minute(4)},
                                                           {"centre", "z", minute(8)},
                                                         })
                                   .event_time(&free_driver::at, late_by(1min)))
                         .named("drivers");
  requests.key_by(&ride_request::zone)
    .join(drivers.key_by(&free_driver::zone))
    .window(sliding(10min, 5min))
    .co_group<surge>(price)
    .sink(to_console<surge>());
  return run(surges, argc, argv);
}
