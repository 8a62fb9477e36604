#include <leat/connectors/formats/protobuf.hpp>
#include <leat/tests/fuzz/targets/good_records.hpp>
#include <leat/tests/fuzz/targets/round_trip.hpp>
#include <leat/tests/fuzz/targets/targets.hpp>

namespace leat::testing {

void fuzz_protobuf(std::string_view bytes) {
  static const auto decoder = protobuf.make_decoder(schema_of<parcel>());
  static const auto encoder = protobuf.make_encoder(schema_of<parcel>());
  static round_trip<parcel> parcels{*decoder, *encoder, good_parcel()};
  parcels.check(bytes);
}

} // namespace leat::testing
