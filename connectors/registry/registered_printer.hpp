#pragma once

#include <leat/connectors/formats/value_printer.hpp>
#include <leat/connectors/registry/confluent_wire.hpp>
#include <leat/connectors/registry/registry_client.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace leat {

/// What bytes in Confluent's wire format say.
struct printed_record {
  std::optional<std::uint32_t> schema{}; ///< its id; none: they are not in this format
  printed_value value{};
};

/// Shows values in Confluent's wire format as JSON, each by the schema that it names: Avro, Protobuf, or JSON itself. For one who looks;
/// waits for the registry, each time up to `registry.timeout` for each of its servers.
///
/// What a registry has answered is kept. When none answers, the values of schemas that are not known say so, and it is asked again a
/// moment later. Belongs to one thread.
class registered_printer {
public:
  using clock = std::chrono::steady_clock;
  using fetch = std::function<schema_answer(std::uint32_t id)>;

  static constexpr std::chrono::seconds silence{10}; ///< before a registry that has not answered is asked again
  static constexpr std::chrono::seconds absence{60}; ///< before one is that does not have a schema
  static constexpr std::size_t most_printers = 1'000;

  /// @param how asks for a schema once, waiting for the answer.
  explicit registered_printer(fetch how);

  [[nodiscard]] printed_record print(std::string_view bytes);

private:
  /// What is known of a schema.
  struct known_schema {
    std::shared_ptr<const kept_schema> found{}; // null: it cannot be had
    std::string reason{};                       // then
    clock::time_point until{};                  // then: when it may be otherwise
    bool has_place = false;
  };

  /// How values are shown that were written with one schema and, of Protobuf, as one message in it.
  struct way {
    std::unique_ptr<value_printer> by{};
    std::string reason{}; // without a printer
  };

  const known_schema* find(std::uint32_t id);
  [[nodiscard]] static way make_way(const known_schema& known, std::string_view place);

  const fetch fetch_;
  std::map<std::uint32_t, known_schema> schemas_;
  std::map<std::uint32_t, std::map<std::string, way, std::less<>>> ways_; // by place
  std::size_t made_ = 0;                                                  // of them
  clock::time_point silent_until_{};
  std::string silent_because_;
};

} // namespace leat
