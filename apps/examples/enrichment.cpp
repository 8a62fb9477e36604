// enrichment: says for each order how good a customer has placed it, which a service is asked over HTTP. The service is a
// part of the program, at a free port of the loopback interface, so that it runs anywhere.

#include <leat/connectors/http/http_client.hpp>
#include <leat/connectors/http/http_server.hpp>
#include <leat/connectors/local.hpp>
#include <leat/leat.hpp>

#include <map>
#include <optional>
#include <string>

struct order {
  std::int64_t id = 0;
  std::string customer;
  double amount = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, customer, amount))

struct graded_order {
  std::int64_t id = 0;
  std::string customer;
  double amount = 0;
  std::optional<std::string> grade, problem; // one of them
};
BOOST_DESCRIBE_STRUCT(graded_order, (), (id, customer, amount, grade, problem))

namespace {

/// Stands for the customer service: `GET /grades/ann` is answered "gold". It is overloaded when it hears of bob for the first
/// time, and whenever it hears of eve.
class customer_service {
public:
  leat::http_server::response operator()(const leat::http_server::request& r) {
    const auto overloaded = overloaded_for_.find(r.path);
    if (overloaded != overloaded_for_.end() && overloaded->second-- > 0)
      return {.status = 503};
    const auto grade = grades_.find(r.path);
    return grade == grades_.end() ? leat::http_server::response{.status = 404}
                                  : leat::http_server::response{.body = grade->second};
  }

private:
  std::map<std::string, std::string> grades_{{"/grades/ann", "gold"}, {"/grades/bob", "silver"}, {"/grades/eve", "gold"}};
  std::map<std::string, int> overloaded_for_{{"/grades/bob", 1}, {"/grades/eve", 1'000}}; // so many requests
};

/// What `.async(…)` calls in its actors. The client outlives the job.
class look_up_grade {
public:
  look_up_grade(leat::http_client& client, std::string url) : client_{&client}, url_{std::move(url)} {}

  void operator()(const order& o, const leat::async_result<graded_order>& result) const {
    client_->send({.url = url_ + leat::http_escape(o.customer)}, [o, result](const leat::http_response& r) {
      if (r.status == 404) // an answer: asking again would not change it
        result.complete({o.id, o.customer, o.amount, std::nullopt, "no such customer"});
      else if (r.succeeded())
        result.complete({o.id, o.customer, o.amount, r.body, std::nullopt});
      else
        result.fail(r.answered() ? "the customer service says " + std::to_string(r.status) : r.failure);
    });
  }

  /// No attempt has succeeded.
  void failed(const order& o, const std::string& reason, leat::collector<graded_order>& out) const {
    out.push(graded_order{o.id, o.customer, o.amount, std::nullopt, reason});
  }

private:
  leat::http_client* client_;
  std::string url_;
};

} // namespace

int main(int argc, char** argv) {
  using namespace leat;
  const async_options calls{
    .capacity = 2, .timeout = 10s, .ordered = false, .retries = {.attempts = 3, .first_delay = 20ms}};
  const http_server service{customer_service{}};
  http_client client{{.timeout = 5s}};

  job orders{"enrichment"};
  orders
    .source(collection<order>({
      {1, "ann", 20},
      {2, "bob", 35.5},
      {3, "cid", 12},
      {4, "ann", 8},
      {5, "eve", 99},
      {6, "bob", 40},
    }))
    .named("orders")
    .async<graded_order>(look_up_grade{client, service.url("/grades/")}, calls)
    .named("grade")
    .sink(to_console<graded_order>());
  return run(orders, argc, argv);
}
