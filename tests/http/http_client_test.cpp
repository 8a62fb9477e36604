#include "../support/wait_until.hpp"

#include <leat/connectors/http/http_client.hpp>
#include <leat/connectors/http/http_server.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <map>
#include <mutex>

using namespace leat;
using namespace leat::testing;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

http_request get(std::string url) { return {.url = std::move(url)}; }

} // namespace

TEST_CASE("an answer has the server's status and body, and the server what was asked") {
  http_server::request seen;
  http_server server{[&](const http_server::request& r) {
    seen = r;
    return http_server::response{.status = 201, .body = "made"};
  }};
  http_client client;
  const auto answer = client.ask(
    {.method = "PUT",
     .url = server.url("/a/" + http_escape("b c/ä")),
     .headers = {{"X-Kind", "test"}},
     .body = "some body"});
  CHECK(answer.status == 201);
  CHECK(answer.body == "made");
  CHECK(answer.failure.empty());
  CHECK(answer.succeeded());
  CHECK(seen.method == "PUT");
  CHECK(seen.path == "/a/b%20c%2F%C3%A4");
  CHECK(seen.body == "some body");
  CHECK(seen.headers["x-kind"] == "test");
  CHECK(seen.headers.count("authorization") == 0);
}

TEST_CASE("refusals are answers, with the time after which the server wants to be asked again") {
  http_server server{[](const http_server::request& r) {
    return r.path == "/busy" ? http_server::response{.status = 503, .headers = {{"Retry-After", "7"}}}
                             : http_server::response{.status = 404};
  }};
  http_client client;
  const auto busy = client.ask(get(server.url("/busy")));
  CHECK(busy.status == 503);
  CHECK(busy.retry_after == std::optional<duration>{7s});
  CHECK_FALSE(busy.succeeded());
  const auto absent = client.ask(get(server.url("/absent")));
  CHECK(absent.status == 404);
  CHECK(absent.answered());
  CHECK_FALSE(absent.retry_after);
}

TEST_CASE("many requests at a time share connections that are kept") {
  http_server server{[](const http_server::request& r) { return http_server::response{.body = r.path}; }};
  http_client client{{.connections = 4}};
  std::mutex mutex;
  std::map<std::string, int> bodies;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 500; ++i)
    client.send(get(server.url("/" + std::to_string(i))), [&](const http_response& r) {
      const std::lock_guard lock{mutex};
      ++bodies[r.body];
      ++answered;
    });
  wait_until("500 answers", 30s, [&] { return answered == 500; });
  const std::lock_guard lock{mutex};
  CHECK(bodies.size() == 500);
  CHECK(server.accepted() <= 4);
}

TEST_CASE("a server that does not answer in time, hangs up or is not there is a failure with a reason") {
  http_server server{[](const http_server::request& r) {
    return r.path == "/slow" ? http_server::response{.after = 1h} : http_server::response{.hang_up = true};
  }};
  http_client hasty{{.timeout = 50ms}};
  CHECK_THAT(hasty.ask(get(server.url("/slow"))).failure, Contains("timed out"));
  http_client client{{.timeout = 30s}};
  CHECK_THAT(client.ask(get(server.url("/rude"))).failure, Contains("Empty reply"));
  int port = 0;
  {
    const http_server gone{[](const http_server::request&) { return http_server::response{}; }};
    port = gone.port();
  }
  const auto nobody = client.ask(get("http://127.0.0.1:" + std::to_string(port) + "/"));
  CHECK(nobody.status == 0);
  CHECK_THAT(nobody.failure, Contains("127.0.0.1") && Contains(std::to_string(port)));
  CHECK_THAT(client.ask(get("ftp://127.0.0.1/")).failure, Contains("ftp"));
}

TEST_CASE("an answer that is too long is a failure") {
  http_server server{[](const http_server::request& r) {
    return http_server::response{.body = std::string(r.path == "/long" ? 1'001 : 1'000, 'x')};
  }};
  http_client client{{.most_bytes = 1'000}};
  CHECK(client.ask(get(server.url("/short"))).body.size() == 1'000);
  const auto longer = client.ask(get(server.url("/long")));
  CHECK_FALSE(longer.answered());
  CHECK(longer.body.empty());
  CHECK_THAT(longer.failure, Contains("longer than 1000 bytes"));
}

TEST_CASE("redirections are followed, with method and body, and not for ever") {
  http_server server{[](const http_server::request& r) {
    if (r.path == "/old" || r.path == "/loop")
      return http_server::response{.status = 302, .headers = {{"Location", r.path == "/old" ? "/new" : "/loop"}}};
    return http_server::response{.body = r.method + " " + r.path + " " + r.body};
  }};
  http_client client;
  CHECK(client.ask(get(server.url("/old"))).body == "GET /new ");
  CHECK(client.ask({.method = "POST", .url = server.url("/old"), .body = "text"}).body == "POST /new text");
  CHECK(client.ask({.method = "POST", .url = server.url("/new")}).body == "POST /new ");
  CHECK(client.ask({.method = "DELETE", .url = server.url("/old")}).body == "DELETE /new ");
  CHECK_THAT(client.ask(get(server.url("/loop"))).failure, Contains("redirects"));
}

TEST_CASE("a request whose time is over before it has a connection is told so") {
  http_server server{[](const http_server::request&) { return http_server::response{.after = 1h}; }};
  std::atomic<int> told = 0, answered = 0;
  http_client client{{.timeout = 100ms, .connections = 1}};
  for (int i = 0; i < 40; ++i)
    client.send(get(server.url("/")), [&](const http_response& r) {
      answered += r.answered() ? 1 : 0;
      ++told;
    });
  wait_until("40 failures", 60s, [&] { return told == 40; });
  CHECK(answered == 0);
}

TEST_CASE("a compressed body comes plain") {
  const std::string packed{
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x2b\xc8\x49\xcc\xcc\x03\x00\xcf\x62\x20\x19\x05\x00\x00\x00",
    25}; // "plain" by gzip
  http_server server{[&](const http_server::request& r) {
    const bool may = r.headers.at("accept-encoding").find("gzip") != std::string::npos;
    return may ? http_server::response{.body = packed, .headers = {{"Content-Encoding", "gzip"}}}
               : http_server::response{.body = "not asked for"};
  }};
  http_client client;
  CHECK(client.ask(get(server.url("/"))).body == "plain");
}

TEST_CASE("a user and a password go with each request, as RFC 7617 writes them") {
  http_server server{[](const http_server::request& r) {
    const auto found = r.headers.find("authorization");
    return http_server::response{.body = found == r.headers.end() ? "" : found->second};
  }};
  http_client client{{.user = "Aladdin", .password = "open sesame"}};
  CHECK(client.ask(get(server.url("/"))).body == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST_CASE("whoever waits for an answer when the client ends is told so") {
  http_server server{[](const http_server::request&) { return http_server::response{.after = 1h}; }};
  std::atomic<int> told = 0;
  std::string why;
  {
    http_client client;
    client.send(get(server.url("/")), [&](const http_response& r) {
      why = r.failure;
      ++told;
    });
    wait_until("the request to arrive", 30s, [&] { return server.open() == 1; });
    client.send(get(server.url("/")), [&](const http_response&) { ++told; });
  }
  CHECK(told == 2);
  CHECK_THAT(why, Contains("has ended"));
}
