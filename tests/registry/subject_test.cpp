#include "registry_fixture.hpp"

#include <leat/base/error.hpp>
#include <leat/connectors/registry/subject.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

constexpr auto look_up = "POST /subjects/orders-value";
constexpr auto compare = "POST /compatibility/subjects/orders-value/versions/latest?verbose=true";
constexpr auto enroll = "POST /subjects/orders-value/versions";
constexpr auto newest = "GET /subjects/orders-value/versions/latest";

/// A sink's question for the id of a schema.
struct question {
  std::uint32_t id() {
    registry_client client{registry_options::of(job.config())};
    return subject{"orders", subject_of("orders"), client, {}}.id_for(kind, R"("string")");
  }

  scripted_registry registry{};
  registry_job job{{registry.url()}};
  std::string kind = "AVRO";
};

} // namespace

TEST_CASE("a schema that the registry has is not registered again") {
  question sink;
  sink.registry.answers(look_up, {{.body = R"({"subject":"orders-value","version":3,"id":42})"}});
  CHECK(sink.id() == 42);
  CHECK(sink.registry.asked() == strings{look_up});
  CHECK(sink.registry.last().body == R"({"schema":"\"string\""})");
}

TEST_CASE("a new schema is compared with the latest, then registered") {
  question sink;
  sink.kind = "PROTOBUF";
  sink.registry.answers(compare, {{.body = R"({"is_compatible":true})"}});
  sink.registry.answers(enroll, {{.body = R"({"id":43})"}});
  CHECK(sink.id() == 43);
  CHECK(sink.registry.asked() == strings{look_up, compare, enroll});
  CHECK(sink.registry.last().body == R"({"schema":"\"string\"","schemaType":"PROTOBUF"})");
  CHECK(sink.registry.last().headers["content-type"] == "application/vnd.schemaregistry.v1+json");
}

TEST_CASE("the first schema of a subject has nothing to be compared with") {
  question sink;
  sink.registry.answers(enroll, {{.body = R"({"id":1})"}});
  CHECK(sink.id() == 1);
}

TEST_CASE("a schema that is not compatible is refused, with the registry's reasons, and not registered") {
  question sink;
  sink.registry.answers(compare, {{.body = R"({"is_compatible":false,"messages":["a field has no default"]})"}});
  CHECK_THROWS_WITH(
    sink.id(), Contains("step \"orders\"") &&
                 Contains("not compatible with the latest version of subject \"orders-value\"") &&
                 Contains("a field has no default") && Contains("std::optional"));
  CHECK(sink.registry.asked() == strings{look_up, compare});
}

TEST_CASE("where nothing may be registered, a schema that is not there is refused") {
  question sink;
  sink.job.set("registry.register", "false");
  CHECK_THROWS_WITH(sink.id(), Contains("registry.register is false") && Contains("\"string\""));
  CHECK(sink.registry.asked() == strings{look_up});
}

TEST_CASE(
  "name and password go with each question, the password's file before the setting; a refusal says what to look at") {
  question sink;
  sink.registry.answers(look_up, {{.status = 401, .body = R"({"error_code":401,"message":"Unauthorized"})"}});
  sink.job.set("registry.user", "jobs").set("registry.password", "open sesame");
  CHECK_THROWS_WITH(
    sink.id(), Contains("answers 401") && Contains("registry.user") && Contains("orders-value") && !Contains("sesame"));
  CHECK(sink.registry.last().headers["authorization"] == "Basic am9iczpvcGVuIHNlc2FtZQ==");
  CHECK(sink.registry.asked().size() == 1);
}

TEST_CASE("a registry that is busy for a moment is asked again") {
  question sink;
  sink.registry.answers(
    look_up, {{.status = 503}, {.status = 500, .body = "{}"}, {.hang_up = true}, {.body = R"({"id":44})"}});
  CHECK(sink.id() == 44);
}

TEST_CASE("the next server is asked when one does not answer, and that one first from then on") {
  question sink;
  scripted_registry second;
  sink.registry.answers(look_up, {{.status = 500}});
  second.answers(look_up, {{.body = R"({"id":45})"}});
  registry_job job{{sink.registry.url() + "/", second.url()}};
  registry_client client{registry_options::of(job.config())};
  const subject orders{"orders", "orders-value", client, {}};
  CHECK(orders.id_for("AVRO", "\"string\"") == 45);
  CHECK(orders.id_for("AVRO", "\"string\"") == 45);
  CHECK(sink.registry.asked().size() == 1);
  CHECK(second.asked().size() == 2);
}

TEST_CASE("servers that take questions and never answer are waited for together no longer than a start may take") {
  question sink;
  scripted_registry second, third;
  for (auto* const silent : {&sink.registry, &second, &third})
    silent->answers(look_up, {{.body = R"({"id":46})", .after = 10min}});
  registry_job job{{sink.registry.url(), second.url(), third.url()}};
  registry_client client{registry_options::of(job.set("registry.timeout", "10min").config())};
  const auto id = [&](std::chrono::milliseconds patience) {
    return subject{"orders", "orders-value", client, {}, patience}.id_for("AVRO", "\"string\"");
  };
  CHECK_THROWS_WITH(id(300ms), Contains(third.url() + ": no answer in time"));
  scripted_registry alive;
  alive.answers(look_up, {{.body = R"({"id":47})"}});
  registry_job later{{sink.registry.url(), second.url(), alive.url()}};
  registry_client other{registry_options::of(later.set("registry.timeout", "10min").config())};
  CHECK(subject{"orders", "orders-value", other, {}, 3s}.id_for("AVRO", "\"string\"") == 47);
}

TEST_CASE("a stop ends the waiting for a registry") {
  question sink;
  sink.registry.answers(look_up, {{.status = 503}});
  std::stop_source stopped;
  stopped.request_stop();
  registry_client client{registry_options::of(sink.job.config())};
  CHECK_THROWS_WITH(
    (subject{"orders", "orders-value", client, stopped.get_token()}.id_for("AVRO", "\"string\"")),
    Contains("does not answer"));
}

TEST_CASE("what is no registry is told from one that has no such subject") {
  question sink;
  sink.registry.answers(
    newest, {{.status = 404, .body = "<html>nothing here</html>"}, {.body = "<html>hello</html>"}, {.body = "[]"}});
  registry_client client{registry_options::of(sink.job.config())};
  const subject orders{"orders", "orders-value", client, {}};
  CHECK_THROWS_WITH(orders.latest(), Contains("answers 404") && Contains("nothing here"));
  CHECK_THROWS_WITH(orders.latest(), Contains("this is no schema registry"));
  CHECK_THROWS_WITH(orders.latest(), Contains("no schema"));
  sink.registry.answers(newest, {{.status = 404, .body = R"({"error_code":40401,"message":"Subject not found."})"}});
  CHECK(orders.latest() == nullptr);
}

TEST_CASE("a schema is absent only when a registry says so, not a proxy before it") {
  question source;
  const auto ask = [&](const std::string& body, int status) {
    source.registry.answers("GET /schemas/ids/7", {{.status = status, .body = body}});
    registry_client client{registry_options::of(source.job.config())};
    return client.schema(7, {}).how.what;
  };
  CHECK(ask("<html>default backend</html>", 404) == registry_answer::outcome::unreachable);
  CHECK(ask(R"({"error_code":40403,"message":"Schema not found"})", 404) == registry_answer::outcome::absent);
  CHECK(ask(R"({"error_code":404,"message":"No artifact with ID '7'"})", 404) == registry_answer::outcome::absent);
}

TEST_CASE("a schema comes with all that it refers to, what is deeper first, and each once") {
  question source;
  source.registry.answers(newest, {{.body = R"({"id":7,"schema":"A","references":[
                {"name":"B","subject":"b value","version":2},{"name":"C","subject":"c","version":1}]})"}});
  source.registry.answers(
    "GET /subjects/b%20value/versions/2",
    {{.body = R"({"id":5,"schema":"B","references":[{"name":"C","subject":"c","version":1}]})"}});
  source.registry.answers("GET /subjects/c/versions/1", {{.body = R"({"id":6,"schema":"C"})"}});
  registry_client client{registry_options::of(source.job.config())};
  const auto found = subject{"orders", "orders-value", client, {}}.latest();
  REQUIRE(found);
  CHECK(found->id == 7);
  CHECK(found->kind == "AVRO");
  CHECK(found->schema.text == "A");
  REQUIRE(found->schema.beside.size() == 2);
  CHECK(found->schema.beside[0].name == "C");
  CHECK(found->schema.beside[1].text == "B");
}

TEST_CASE("settings that cannot be used are refused, and passwords in addresses without showing them") {
  CHECK_THROWS_WITH(registry_options::of(registry_job{{}}.config()), Contains("registry.url"));
  CHECK_THROWS_WITH(registry_options::of(registry_job{{"registry:8081"}}.config()), Contains("expected http://host:port"));
  CHECK_THROWS_WITH(
    registry_options::of(registry_job{{"http://me:sesame@host"}}.config()),
    Contains("registry.password-file") && !Contains("sesame"));
  registry_job job{{"http://host"}};
  CHECK_THROWS_WITH(
    registry_options::of(job.set("registry.password-file", "/nowhere").config()), Contains("registry.password-file"));
}
