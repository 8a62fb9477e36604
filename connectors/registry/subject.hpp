#pragma once

#include <leat/connectors/registry/registry_client.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace leat {

/// Under which name a registry keeps the schemas of a topic's values: TopicNameStrategy, the default of all clients.
[[nodiscard]] std::string subject_of(std::string_view topic);

/// What a job finds out about a topic's schemas before its first record, waiting up to nine seconds for a registry that does not
/// answer: for all of its servers and questions together. On the thread that opens connectors.
class subject {
public:
  static constexpr std::chrono::milliseconds usual_patience{9'000}; ///< as of all connectors that open

  /// @param step begins the texts of errors. @param asked outlives this.
  subject(
    std::string step, std::string name, registry_client& asked, std::stop_token stop,
    std::chrono::milliseconds patience = usual_patience);

  /// The id of the schema that records will be written with: the one that it has already; or, where schemas are registered, a new one,
  /// after the registry has said that it is compatible with the latest.
  /// @throws connector_error when the registry does not answer or refuses; pipeline_error when the schema is not compatible, or not
  ///         there and not to be registered.
  [[nodiscard]] std::uint32_t id_for(std::string_view kind, std::string_view schema) const;

  /// The latest schema; null: there is none yet.
  /// @throws connector_error when the registry does not answer or refuses.
  [[nodiscard]] std::shared_ptr<const kept_schema> latest() const;

private:
  template <class Ask>
  auto insist(const registry_wait& wait, const Ask& ask) const;

  [[nodiscard]] registry_wait begin() const;
  void check_compatible(const std::string& body, const registry_wait& wait) const;
  [[nodiscard]] std::uint32_t id_in(const registry_answer& answer) const;
  [[noreturn]] void refuse(const std::string& what, const registry_answer& answer) const;
  [[nodiscard]] std::string said(const std::string& text) const;

  const std::string step_;
  const std::string name_;
  registry_client& client_;
  const std::stop_token stop_;
  const std::chrono::milliseconds patience_;
};

} // namespace leat
