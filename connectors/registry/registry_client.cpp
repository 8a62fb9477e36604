#include <leat/connectors/registry/registry_client.hpp>

#include <leat/base/excerpt.hpp>
#include <leat/connectors/formats/json/json_writer.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

namespace leat {
namespace {

using outcome = registry_answer::outcome;

constexpr auto content_type = "application/vnd.schemaregistry.v1+json";

/// The registry's own codes for what there is not: subject, version, schema.
constexpr bool is_absence(std::int64_t code) { return code >= 40401 && code <= 40403; }

bool may_pass(int status) { return status == 408 || status == 429 || status >= 500; }

// Of a member that is not there: nothing, 0.
std::string text_of(const simdjson::dom::element& root, const char* member) {
  std::string_view found;
  return root[member].get(found) == simdjson::SUCCESS ? std::string{found} : std::string{};
}

std::int64_t number_of(const simdjson::dom::element& root, const char* member) {
  std::int64_t found = 0;
  return root[member].get(found) == simdjson::SUCCESS ? found : 0;
}

registry_answer judged(const std::string& url, http_response&& response) {
  registry_answer made;
  made.status = response.status;
  made.retry_after = response.retry_after;
  if (!response.failure.empty() || response.status == 0) {
    made.reason = fmt::format("{}: {}", url, response.failure);
    return made;
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const bool is_json = parser.parse(response.body).get(root) == simdjson::SUCCESS;
  if (response.status / 100 == 2 && is_json) {
    made.what = outcome::done;
    made.body = std::move(response.body);
    return made;
  }
  const auto code = is_json ? number_of(root, "error_code") : 0;
  made.of_registry = code != 0;
  auto message = is_json ? text_of(root, "message") : std::string{};
  if (response.status / 100 == 2)
    message = "the answer is no JSON: this is no schema registry, or has its API under another path";
  else if (response.status == 401 || response.status == 403)
    message = "it refuses who asks: see registry.user and registry.password-file";
  else if (message.empty())
    message = response.body;
  made.reason = fmt::format("{} answers {}: {}", url, response.status, excerpt(message, 300));
  if (may_pass(response.status))
    made.what = outcome::unreachable;
  else
    made.what = response.status == 404 && is_absence(code) ? outcome::absent : outcome::refused;
  return made;
}

/// Until when one of so many servers is waited for.
std::optional<registry_wait::clock::time_point> share_of(const registry_wait& wait, std::size_t servers) {
  if (!wait.until)
    return std::nullopt;
  const auto now = registry_wait::clock::now();
  return now + (*wait.until - now) / static_cast<std::int64_t>(servers);
}

} // namespace

/// Gathers what a schema refers to, what is deeper first.
struct registry_client::reference_walk {
  registry_client& client;
  const registry_wait& wait;
  writer_schema& to;
  std::set<std::pair<std::string, std::int64_t>> seen{};
  registry_answer failed{};

  bool follow(const simdjson::dom::element& schema) {
    simdjson::dom::array references;
    if (schema["references"].get(references) != simdjson::SUCCESS)
      return true;
    for (const auto one : references) {
      const auto subject = text_of(one, "subject");
      const auto version = number_of(one, "version");
      if (seen.emplace(subject, version).second && !add(text_of(one, "name"), subject, version))
        return false;
    }
    return true;
  }

  bool add(std::string name, const std::string& subject, std::int64_t version) {
    auto answer = client.get(fmt::format("/subjects/{}/versions/{}", http_escape(subject), version), wait);
    if (answer.what != outcome::done) {
      failed = std::move(answer);
      return false;
    }
    simdjson::dom::parser parser; // one each: what it has parsed is its own
    const auto found = parser.parse(answer.body).value();
    if (!follow(found))
      return false;
    to.beside.push_back({std::move(name), text_of(found, "schema")});
    return true;
  }
};

registry_client::registry_client(registry_options options) : options_{std::move(options)}, http_{options_.http} {}

std::string registry_client::shown() const { return fmt::format("{}", fmt::join(options_.urls, ", ")); }

registry_answer registry_client::get(const std::string& path, const registry_wait& wait) {
  return ask({"GET", path, {{"Accept", content_type}}, {}}, wait);
}

registry_answer registry_client::post(const std::string& path, const std::string& body, const registry_wait& wait) {
  return ask({"POST", path, {{"Accept", content_type}, {"Content-Type", content_type}}, body}, wait);
}

registry_answer registry_client::ask(const http_request& request, const registry_wait& wait) {
  registry_answer answer;
  const auto first = first_.load();
  const auto servers = options_.urls.size();
  for (std::size_t i = 0; i < servers && !wait.stop.stop_requested(); ++i) {
    const auto place = (first + i) % servers;
    auto to = request;
    to.url = options_.urls[place] + request.url;
    answer = judged(options_.urls[place], send(std::move(to), wait.stop, share_of(wait, servers - i)));
    if (answer.what != outcome::unreachable) {
      first_ = place;
      return answer;
    }
  }
  if (answer.reason.empty())
    answer.reason = "not asked, because the job stops";
  return answer;
}

http_response registry_client::send(
  http_request request, const std::stop_token& stop, std::optional<registry_wait::clock::time_point> until) {
  struct mailbox {
    std::mutex m;
    std::condition_variable_any filled;
    std::optional<http_response> got; // guarded by m
  };
  const auto box = std::make_shared<mailbox>();
  http_.send(std::move(request), [box](http_response got) {
    {
      const std::lock_guard lock{box->m};
      box->got = std::move(got);
    }
    box->filled.notify_all();
  });
  std::unique_lock lock{box->m};
  const auto has_come = [&] { return box->got.has_value(); };
  if (until ? box->filled.wait_until(lock, stop, *until, has_come) : box->filled.wait(lock, stop, has_come))
    return std::move(*box->got);
  http_response given_up;
  given_up.failure = stop.stop_requested() ? "not waited for, because the job stops" : "no answer in time";
  return given_up;
}

schema_answer registry_client::schema(std::uint32_t id, const registry_wait& wait) {
  auto answer = get(fmt::format("/schemas/ids/{}", id), wait);
  const bool is_no_id =
    answer.status == 400 || answer.status == 404 || answer.status == 422; // each registry in its own way
  if (answer.what == outcome::refused && is_no_id)
    answer.what = answer.of_registry ? outcome::absent : outcome::unreachable;
  return schema_of(std::move(answer), id, wait);
}

schema_answer registry_client::latest(const std::string& subject, const registry_wait& wait) {
  return schema_of(get(fmt::format("/subjects/{}/versions/latest", http_escape(subject)), wait), {}, wait);
}

/// @param id none: the answer has it.
schema_answer
registry_client::schema_of(registry_answer answer, std::optional<std::uint32_t> id, const registry_wait& wait) {
  if (answer.what != outcome::done)
    return {std::move(answer), nullptr};
  simdjson::dom::parser parser;
  const auto root = parser.parse(answer.body).value();
  auto made = std::make_shared<kept_schema>();
  std::uint64_t said = 0;
  std::string_view text;
  if (root["schema"].get(text) != simdjson::SUCCESS || (!id && root["id"].get(said) != simdjson::SUCCESS)) {
    answer.what = outcome::refused;
    answer.reason = fmt::format("{} answers something that is no schema: {}", shown(), excerpt(answer.body, 100));
    return {std::move(answer), nullptr};
  }
  made->id = id.value_or(static_cast<std::uint32_t>(said));
  made->kind = text_of(root, "schemaType");
  if (made->kind.empty())
    made->kind = "AVRO";
  made->schema.text = text;
  reference_walk walk{*this, wait, made->schema};
  if (!walk.follow(root))
    return {std::move(walk.failed), nullptr};
  return {std::move(answer), std::move(made)};
}

std::string schema_body(std::string_view kind, std::string_view text) {
  json_writer to;
  to.raw(R"({"schema":)");
  (void)to.string(text);
  if (kind != "AVRO") {
    to.raw(R"(,"schemaType":)");
    (void)to.string(kind);
  }
  to.raw('}');
  return std::string{to.text()};
}

} // namespace leat
