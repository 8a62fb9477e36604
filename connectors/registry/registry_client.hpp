#pragma once

#include <leat/connectors/formats/schema_format.hpp>
#include <leat/connectors/registry/registry_options.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace leat {

/// What a registry has answered.
struct registry_answer {
  enum class outcome {
    done,
    absent,      ///< there is no such schema, subject or version
    refused,     ///< no: for what was asked, or for who asks
    unreachable, ///< nobody answers, or something that will pass; asking again may help
  };

  outcome what = outcome::unreachable;
  int status = 0;
  bool of_registry = false;              ///< it says no as a registry does, not as a proxy before it
  std::string body{};                    ///< JSON, when done
  std::string reason{};                  ///< for a person, when not: with the URL
  std::optional<duration> retry_after{}; ///< what an unreachable one has asked for
};

/// How long an answer is waited for.
struct registry_wait {
  using clock = std::chrono::steady_clock;

  registry_wait() = default;
  registry_wait(std::stop_token until_stopped) : stop{std::move(until_stopped)} {} // NOLINT(google-explicit-constructor)

  std::stop_token stop{};
  std::optional<clock::time_point> until{}; ///< none: as long as `registry.timeout` allows
};

/// A schema with its id, and all that it refers to.
struct kept_schema {
  std::uint32_t id = 0;
  std::string kind; ///< as `schema_format::schema_kind`
  writer_schema schema;
};

/// What a registry has answered when asked for a schema.
struct schema_answer {
  registry_answer how{};
  std::shared_ptr<const kept_schema> found{}; ///< when done
};

/// Speaks the REST protocol of Confluent's Schema Registry (version 7; so do Apicurio, Karapace and Redpanda). Several servers are
/// one registry: the next one is asked when one does not answer. Thread-safe.
class registry_client {
public:
  explicit registry_client(registry_options options);

  // Each waits for the answer, or for the stop. One try at each server; when the time is limited, each server that is left has an
  // equal share of what is left of it.
  registry_answer get(const std::string& path, const registry_wait& wait);
  registry_answer post(const std::string& path, const std::string& body, const registry_wait& wait);

  /// The schema that has an id.
  schema_answer schema(std::uint32_t id, const registry_wait& wait);

  /// The latest version of a subject.
  schema_answer latest(const std::string& subject, const registry_wait& wait);

  [[nodiscard]] const registry_options& options() const noexcept { return options_; }

  /// All servers, for a person.
  [[nodiscard]] std::string shown() const;

private:
  struct reference_walk;

  registry_answer ask(const http_request& request, const registry_wait& wait);
  http_response
  send(http_request request, const std::stop_token& stop, std::optional<registry_wait::clock::time_point> until);
  schema_answer schema_of(registry_answer answer, std::optional<std::uint32_t> id, const registry_wait& wait);

  const registry_options options_;
  std::atomic<std::size_t> first_ = 0; // the server that has answered last
  http_client http_;
};

/// A schema as the body of a request. Avro's goes without its kind, as registries expect that are older than others.
[[nodiscard]] std::string schema_body(std::string_view kind, std::string_view text);

} // namespace leat
