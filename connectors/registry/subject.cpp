#include <leat/connectors/registry/subject.hpp>

#include <leat/base/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace leat {
namespace {

using outcome = registry_answer::outcome;
using namespace std::chrono_literals;

constexpr auto first_pause = 100ms;

const registry_answer& answer_in(const registry_answer& of) { return of; }
const registry_answer& answer_in(const schema_answer& of) { return of.how; }

void rest(std::chrono::milliseconds span, const std::stop_token& stop) {
  std::mutex m;
  std::condition_variable_any never;
  std::unique_lock lock{m};
  never.wait_for(lock, stop, span, [] { return false; });
}

} // namespace

std::string subject_of(std::string_view topic) { return fmt::format("{}-value", topic); }

subject::subject(
  std::string step, std::string name, registry_client& asked, std::stop_token stop, std::chrono::milliseconds patience)
  : step_{std::move(step)}, name_{std::move(name)}, client_{asked}, stop_{std::move(stop)}, patience_{patience} {}

/// From now on.
registry_wait subject::begin() const {
  registry_wait wait{stop_};
  wait.until = registry_wait::clock::now() + patience_;
  return wait;
}

/// Asks until there is an answer, or the time is over.
template <class Ask>
auto subject::insist(const registry_wait& wait, const Ask& ask) const {
  for (auto pause = std::chrono::milliseconds{first_pause};; pause *= 2) {
    auto got = ask();
    const auto& how = answer_in(got);
    if (how.what != outcome::unreachable)
      return got;
    const auto wanted =
      std::max(pause, std::chrono::duration_cast<std::chrono::milliseconds>(how.retry_after.value_or(pause)));
    if (stop_.stop_requested() || registry_wait::clock::now() + wanted > *wait.until)
      throw connector_error{said(
        fmt::format("the schema registry does not answer: {}. Is registry.url right, and the registry up?", how.reason))};
    rest(wanted, stop_);
  }
}

std::uint32_t subject::id_for(std::string_view kind, std::string_view schema) const {
  const auto wait = begin();
  const auto body = schema_body(kind, schema);
  const auto path = fmt::format("/subjects/{}", http_escape(name_));
  const auto known = insist(wait, [&] { return client_.post(path, body, wait); });
  if (known.what == outcome::done)
    return id_in(known);
  if (known.what == outcome::refused)
    refuse("cannot look up a schema", known);
  if (!client_.options().registers)
    throw pipeline_error{said(fmt::format(
      "the schema registry at {} has no version of subject \"{}\" with the schema that records are written with, and "
      "registry.register is false. Register it, or set registry.register to true: {}",
      client_.shown(), name_, schema))};
  check_compatible(body, wait);
  const auto made = insist(wait, [&] { return client_.post(path + "/versions", body, wait); });
  if (made.what != outcome::done)
    refuse("cannot register the schema that records are written with", made);
  return id_in(made);
}

void subject::check_compatible(const std::string& body, const registry_wait& wait) const {
  const auto answer = insist(wait, [&] {
    return client_.post(
      fmt::format("/compatibility/subjects/{}/versions/latest?verbose=true", http_escape(name_)), body, wait);
  });
  if (answer.what == outcome::absent)
    return; // the first of its versions
  if (answer.what != outcome::done)
    refuse("cannot check that a schema is compatible", answer);
  simdjson::dom::parser parser;
  const auto root = parser.parse(answer.body).value();
  bool compatible = false;
  if (root["is_compatible"].get(compatible) == simdjson::SUCCESS && compatible)
    return;
  std::vector<std::string> why;
  simdjson::dom::array messages;
  if (root["messages"].get(messages) == simdjson::SUCCESS)
    for (const auto message : messages)
      if (std::string_view text; message.get(text) == simdjson::SUCCESS)
        why.emplace_back(text);
  if (std::string_view reason; root["reason"].get(reason) == simdjson::SUCCESS) // Apicurio's way
    why.emplace_back(reason);
  throw pipeline_error{said(fmt::format(
    "the schema that records are written with is not compatible with the latest version of subject \"{}\" at {}{}{}. Make "
    "new fields std::optional, keep those that there were, or change what the registry calls compatible for the subject",
    name_, client_.shown(), why.empty() ? "" : ": ", fmt::join(why, "; ")))};
}

std::shared_ptr<const kept_schema> subject::latest() const {
  const auto wait = begin();
  const auto answer = insist(wait, [&] { return client_.latest(name_, wait); });
  if (answer.how.what == outcome::refused)
    refuse("cannot ask for its latest schema", answer.how);
  return answer.found;
}

std::uint32_t subject::id_in(const registry_answer& answer) const {
  simdjson::dom::parser parser;
  std::uint64_t id = 0;
  if (parser.parse(answer.body).value()["id"].get(id) != simdjson::SUCCESS || id > UINT32_MAX)
    throw connector_error{
      said(fmt::format("the schema registry at {} answers without an id: {}", client_.shown(), answer.body))};
  return static_cast<std::uint32_t>(id);
}

void subject::refuse(const std::string& what, const registry_answer& answer) const {
  throw connector_error{said(fmt::format("{} under subject \"{}\": {}", what, name_, answer.reason))};
}

std::string subject::said(const std::string& text) const { return fmt::format("step \"{}\": {}", step_, text); }

} // namespace leat
