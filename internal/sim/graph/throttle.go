package graph

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

const (
	smallTenant  = 50
	mediumTenant = 500
	smallPage    = 20
	// debtShare bounds how deep throttled calls, which still count, can push a bucket.
	debtShare   = 4
	warnPercent = 0.8
)

// bucket is a token bucket: capacity tokens that come back evenly over per.
type bucket struct {
	capacity float64
	per      time.Duration
	left     float64
	last     time.Time
}

// take spends n tokens. When there are too few it says how long to wait; the call counts all the same.
func (b *bucket) take(n, capacity float64, now time.Time) (time.Duration, bool) {
	if b.last.IsZero() || b.capacity != capacity {
		b.capacity, b.left, b.last = capacity, capacity, now
	}
	rate := b.capacity / b.per.Seconds()
	if gone := now.Sub(b.last).Seconds(); gone > 0 {
		b.left = math.Min(b.capacity, b.left+gone*rate)
		b.last = now
	}
	enough := b.left >= n
	b.left = math.Max(b.left-n, -b.capacity/debtShare)
	if enough {
		return 0, true
	}
	return time.Duration((n - b.left) / rate * float64(time.Second)), false
}

// used is the share of the bucket that is spent.
func (b *bucket) used() float64 { return math.Min(1, 1-b.left/b.capacity) }

// budget is the pair of buckets of one application.
type budget struct {
	units, writes, appUnits, appWrites bucket
}

// throttle holds the documented budgets: per application and tenant, per application, per tenant.
type throttle struct {
	scale  float64
	apps   map[string]*budget
	writes bucket // the tenant's
}

func newThrottle(scale float64) *throttle {
	return &throttle{scale: scale, apps: map[string]*budget{}, writes: bucket{per: 5 * time.Minute}}
}

func (t *throttle) of(app string) *budget {
	b := t.apps[app]
	if b == nil {
		b = &budget{
			units: bucket{per: 10 * time.Second}, writes: bucket{per: 150 * time.Second},
			appUnits: bucket{per: 20 * time.Second}, appWrites: bucket{per: 5 * time.Minute},
		}
		t.apps[app] = b
	}
	return b
}

// LeaveWrites makes as if others had used up the budgets of writes but for so many.
func (s *Server) LeaveWrites(left int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	for _, b := range s.throttle.apps {
		for _, writes := range []*bucket{&b.writes, &b.appWrites} {
			writes.left, writes.last = math.Min(writes.left, float64(left)), now
		}
	}
	s.throttle.writes.left = math.Min(s.throttle.writes.left, float64(left))
}

// cost is the resource units of a request by the documented rules.
func (q *request) cost() int {
	units := q.route.units
	if q.has(optSelect) {
		units--
	}
	if q.has(optExpand) {
		units++
	}
	if top, err := strconv.Atoi(q.option(optTop)); err == nil && top < smallPage {
		units--
	}
	return max(units, 1)
}

func (q *request) writes() bool { return q.method != http.MethodGet && !q.route.free }

// spend takes a request from the budgets and returns the headers that tell of it, or the refusal.
func (s *Server) spend(q *request) (http.Header, error) {
	units := q.cost()
	header := http.Header{}
	header.Set("x-ms-resource-unit", strconv.Itoa(units))
	if s.throttle.scale <= 0 {
		return header, nil
	}
	now, scale := s.now(), s.throttle.scale
	b := s.throttle.of(q.app.ID)
	var wait time.Duration
	worst := 0.0
	limit := ""
	use := func(bk *bucket, n, capacity float64, name string) {
		d, ok := bk.take(n, capacity*scale, now)
		worst = math.Max(worst, bk.used())
		if !ok && d >= wait {
			wait, limit = d, name
		}
	}
	use(&b.units, float64(units), tenantUnits(len(s.t.users)), limitUnits)
	use(&b.appUnits, float64(units), 150_000, limitUnits)
	if q.writes() {
		use(&b.writes, 1, 3000, limitWrites)
		use(&b.appWrites, 1, 70_000, limitWrites)
		use(&s.throttle.writes, 1, 18_000, limitWrites)
	}
	if worst > warnPercent {
		header.Set("x-ms-throttle-limit-percentage", strconv.FormatFloat(worst, 'f', 2, 64))
	}
	if limit == "" {
		return header, nil
	}
	return header, tooMany(q.app.ID, s.t.TenantID, limit, wait)
}

func tenantUnits(users int) float64 {
	switch {
	case users < smallTenant:
		return 3500
	case users <= mediumTenant:
		return 5000
	default:
		return 8000
	}
}

func tooMany(app, tenant, limit string, wait time.Duration) *refusal {
	e := refuse(http.StatusTooManyRequests, codeTooMany, "Too many requests. Please wait and retry.")
	kind := "Write"
	if limit != limitWrites {
		kind = "ResourceUnit"
	}
	e.header = http.Header{}
	e.header.Set("x-ms-throttle-scope", "Tenant_Application/"+kind+"/"+app+"/"+tenant)
	e.header.Set("x-ms-throttle-information", limit)
	if wait > 0 {
		e.header.Set(headerRetry, strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	return e
}
