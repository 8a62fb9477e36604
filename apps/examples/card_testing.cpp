// card-testing: prints the cards that thieves seem to have tried; see card_testing.hpp.

#include <leat/apps/examples/card_testing.hpp>

int main(int argc, char** argv) {
  auto payments = card_testing();
  return leat::run(payments, argc, argv);
}
