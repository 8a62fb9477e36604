#include <leat/tests/fuzz/targets/targets.hpp>

#include <leat/tests/fuzz/fuzz_target.hpp>

#include <array>

namespace leat::testing {

namespace {

constexpr std::array all{
  fuzz_target{"avro", fuzz_avro},
  fuzz_target{"avro_printer", fuzz_avro_printer},
  fuzz_target{"avro_schema", fuzz_avro_schema},
  fuzz_target{"csv", fuzz_csv},
  fuzz_target{"decimal", fuzz_decimal},
  fuzz_target{"encoded_json", fuzz_encoded_json},
  fuzz_target{"encoded_value", fuzz_encoded_value},
  fuzz_target{"epoch_log", fuzz_epoch_log},
  fuzz_target{"json", fuzz_json},
  fuzz_target{"protobuf", fuzz_protobuf},
  fuzz_target{"timestamp", fuzz_timestamp},
};

} // namespace

std::span<const fuzz_target> fuzz_targets() { return all; }

} // namespace leat::testing
