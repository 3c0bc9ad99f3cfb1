// The tour as it is drawn: its buttons have names, and do what they say.
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/visualizer/panel_screen.h"
#include "tests/visualizer/stream.h"
#include "visualizer/panels/tour.h"

using namespace viz;
using namespace viz_test;

namespace {

// The card by itself, as the shell draws it over a panel.
class CardOnly : public Panel {
 public:
  const char* id() const override { return "card"; }
  const char* title() const override { return "Card"; }
  const char* hint() const override { return ""; }
  void draw(Context& context) override { draw_tour_card(context, *context.tour); }
  nlohmann::ordered_json seen(const Context&) const override { return {}; }
};

void click(PanelScreen& screen, Panel& panel, const std::string& name) {
  const Recording none;
  Playback playback;
  screen.frame(panel, none, playback);
  INFO(name);
  REQUIRE(screen.spots.count(name) == 1);
  screen.click(panel, none, playback, screen.spots[name]);
}

}  // namespace

TEST_CASE("each card of the tour's list can be clicked by its name", "[viz][tour][drawn]") {
  PanelScreen screen(1000, 1400);
  Tour tour(LADDER_SOURCE_DIR);
  screen.tour = &tour;
  const auto panel = make_tour_panel();
  click(screen, *panel, "tour:start");
  CHECK(tour.on());
  CHECK(tour.index() == 0);
  click(screen, *panel, "tour:02.3");
  CHECK(tour.index() == *tour.find("02.3"));
  CHECK(screen.wishes.panel == "tiles");
}

TEST_CASE("a card's buttons go back, on, and end the tour, and its run is asked for whole",
          "[viz][tour][drawn]") {
  PanelScreen screen(1000, 600);
  Tour tour(LADDER_SOURCE_DIR);
  screen.tour = &tour;
  const size_t index = *tour.find("02.2");
  tour.show(index);
  CardOnly card;
  click(screen, card, "tour:next");
  CHECK(tour.index() == index + 1);
  click(screen, card, "tour:back");
  CHECK(tour.index() == index);
  click(screen, card, "tour:decode");
  REQUIRE(screen.wishes.run);
  CHECK(screen.wishes.run->row() == "02:vram");
  CHECK(screen.wishes.run->prompt == tour.card().prompt);
  CHECK(screen.spots.count("tour:compare") == 0);
  click(screen, card, "tour:end");
  CHECK_FALSE(tour.on());
}
