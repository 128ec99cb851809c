package plan

import (
	"slices"
	"time"

	"tenure/internal/lifecycle"
	"tenure/internal/person"
)

// The sources of a zone, strongest first (S9). A zone rule is named by its
// place, and a date rule of the policy may name a zone itself.
const (
	ZoneOfPerson   = "person"
	ZoneOfLocation = "location"
	ZoneOfRule     = "rule"
	ZoneOfFeed     = "feed"
	ZoneOfPolicy   = "policy"
)

// zone is a time zone and who decided it.
type zone struct {
	location *time.Location
	source   string
}

func (z zone) name() string { return z.location.String() }

// zoneOn is the zone of a stay on a day: person, location, first matching zone
// rule, feed (S9).
func (p *planner) zoneOn(stay person.Stay, day person.Date) zone {
	key := keyOfView(stay, day)
	z, found := p.zonesOn[key]
	if !found {
		z = p.zoneOf(p.view(stay, day))
		p.zonesOn[key] = z
	}
	return z
}

func (p *planner) zoneOf(view person.Attributes) zone {
	for _, stated := range []struct{ attribute, source string }{
		{person.TimeZoneAttribute, ZoneOfPerson},
		{person.LocationTimeZone, ZoneOfLocation},
	} {
		if name, _ := view.Get(stated.attribute); name != "" {
			if location, ok := p.location(name); ok {
				return zone{location, stated.source}
			}
		}
	}
	for _, rule := range p.in.Policy.Zones {
		if holds, err := rule.When.Holds(lifecycle.Scope{Attributes: view.Get}); err == nil && holds && rule.Zone != nil {
			return zone{rule.Zone, ZoneOfRule}
		}
	}
	return zone{p.feedZone, ZoneOfFeed}
}

// zoneFor is the zone in which a date of the chapter is decided: pinned once
// the date has come.
func (p *planner) zoneFor(c *chapter, on string, date person.Date) zone {
	for _, pin := range p.memory.Zones {
		if pin.Stay == c.stay.ID && pin.On == on && pin.Date == date {
			if location, ok := p.location(pin.Zone); ok {
				return zone{location, pin.Source}
			}
		}
	}
	return p.zoneOn(c.stay, date)
}

// ruleZone is the zone of a date rule, which may name one itself.
func (p *planner) ruleZone(c *chapter, rule *lifecycle.DateRule, date person.Date) zone {
	switch {
	case rule.Zone == lifecycle.ZoneFeed:
		return zone{p.feedZone, ZoneOfFeed}
	case rule.ZoneLocation != nil:
		return zone{rule.ZoneLocation, ZoneOfPolicy}
	default:
		return p.zoneFor(c, rule.On, date)
	}
}

// location loads a zone once per plan.
func (p *planner) location(name string) (*time.Location, bool) {
	if location, found := p.zones[name]; found {
		return location, location != nil
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		location = nil
	}
	p.zones[name] = location
	return location, location != nil
}

// disableCame reports whether a target's disable for the date has come: it may
// be earlier than the end of the day.
func (p *planner) disableCame(c *chapter, on string) bool {
	return slices.ContainsFunc(p.in.Policy.Targets, func(target lifecycle.Target) bool {
		rule := target.Account.Disable
		return rule != nil && rule.On == on && p.momentOf(c, rule).reached(p.now)
	})
}

// pinZones keeps the zone of each date that has come.
func (p *planner) pinZones() {
	var pins []ZonePin
	for i := range p.chapters {
		c := &p.chapters[i]
		for _, on := range []string{AnchorStart, AnchorLastDay, AnchorTermination} {
			date := c.date(on)
			if date.IsZero() {
				continue
			}
			z := p.zoneFor(c, on, date)
			come := date.At(defaultTime(on), z.location)
			if (!come.After(p.now) || p.disableCame(c, on)) && (!isLast(on) || !c.undone) {
				pins = append(pins, ZonePin{Stay: c.stay.ID, On: on, Date: date, Zone: z.name(), Source: z.source})
			}
		}
	}
	p.memory.Zones = pins
}
