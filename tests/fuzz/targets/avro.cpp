#include <leat/connectors/formats/avro.hpp>
#include <leat/tests/fuzz/targets/good_records.hpp>
#include <leat/tests/fuzz/targets/round_trip.hpp>
#include <leat/tests/fuzz/targets/targets.hpp>

namespace leat::testing {

void fuzz_avro(std::string_view bytes) {
  static const auto decoder = avro.make_decoder(schema_of<order>());
  static const auto encoder = avro.make_encoder(schema_of<order>());
  static round_trip<order> orders{*decoder, *encoder, good_order()};
  orders.check(bytes);
}

} // namespace leat::testing
