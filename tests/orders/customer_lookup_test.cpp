#include "../support/wait_until.hpp"

#include <leat/apps/orders_pipeline/customer_lookup.hpp>
#include <leat/apps/orders_pipeline/demo/customer_stub.hpp>

#include <catch2/catch.hpp>

#include <future>
#include <map>

using namespace leat;
using namespace leat::orders;
using Catch::Matchers::Contains;

namespace {

settings of_service(const std::string& url) {
  settings config;
  const std::map<std::string, std::string> all{
    {"customers.url", url},
    {"customers.timeout", "5s"},
    {"customers.ca-file", ""},
    {"customers.connections", "4"},
    {"customers.cache.customers", "1000"},
    {"customers.cache.fresh-for", "1h"},
    {"customers.cache.absent-for", "1h"},
    {"customers.cache.stale-for", "0s"},
    {"customers.breaker.calls", "3"},
    {"customers.breaker.failures", "100"},
    {"customers.breaker.open-for", "1h"}};
  for (const auto& [key, value] : all)
    config.set(key, {value, "the test", {}, false});
  return config;
}

customer_lookup::result find(const customer_lookup& in, const std::string& id) {
  std::promise<customer_lookup::result> told;
  in.find(id, [&](customer_lookup::result r) { told.set_value(std::move(r)); });
  return told.get_future().get();
}

} // namespace

TEST_CASE("a customer is what the service says, and asked for once") {
  customer_stub service;
  const customer_lookup customers{of_service(service.url())};
  const auto known = find(customers, customer_id_of(29));
  REQUIRE(known.value);
  CHECK(known.value->name == "Customer 29");
  CHECK(known.value->blocked);
  CHECK(find(customers, customer_id_of(29)).value->name == "Customer 29");
  const auto nobody = find(customers, customer_id_of(49));
  CHECK(nobody.failure.empty());
  CHECK_FALSE(nobody.value);
  CHECK_THAT(nobody.absence, Contains("does not know"));
  find(customers, customer_id_of(49));
  CHECK(service.asked() == 2);
}

TEST_CASE("a service that refuses is asked no more for a while, and the reason is its own") {
  customer_stub service;
  service.set_down(true);
  const customer_lookup customers{of_service(service.url())};
  for (int i = 0; i < 3; ++i)
    CHECK_THAT(find(customers, customer_id_of(1)).failure, Contains("says 503: down for maintenance"));
  CHECK_THAT(find(customers, customer_id_of(1)).failure, Contains("not asked"));
  CHECK(service.asked() == 3);
}

TEST_CASE("what asking again would not change is an answer, and keeps nobody else waiting") {
  const http_server service{[](const http_server::request& r) {
    if (r.path == "/customers/c-1")
      return http_server::response{.body = R"({"customer_id":"c-1","name":7})"};
    return r.path == "/customers/c-2"
             ? http_server::response{.status = 400, .body = "odd"}
             : http_server::response{
                 .body = R"({"customer_id":"c-3","name":"C","tier":"t","country":"DE","blocked":false})"};
  }};
  const customer_lookup customers{of_service(service.url(""))};
  for (int i = 0; i < 5; ++i) {
    const auto unreadable = find(customers, "c-1"), refused = find(customers, "c-2");
    CHECK(unreadable.failure.empty());
    CHECK_THAT(unreadable.absence, Contains("no customer") && Contains("`name`"));
    CHECK_THAT(refused.absence, Contains("says 400: odd"));
  }
  CHECK(find(customers, "c-3").value); // the breaker is closed
}
