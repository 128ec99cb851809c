package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// askWithin bounds how long a look into the people index may keep a scrape waiting.
const askWithin = 10 * time.Second

// Counts are numbers of people by a word of a closed set.
type Counts func(context.Context) (map[string]int, error)

// people asks for its numbers whenever somebody scrapes.
type people struct {
	about *prometheus.Desc
	count func() (map[string]int, error)
}

// People adds a gauge of people by the code of what they need attention for. It is
// counted at each scrape, until the context ends.
func (m *Metrics) People(ctx context.Context, count Counts) {
	if m == nil {
		return
	}
	about := prometheus.NewDesc("tenure_attention_people", "People who need somebody's attention, by its code.", []string{labelCode}, nil)
	m.registry.MustRegister(people{about: about, count: func() (map[string]int, error) {
		ctx, cancel := context.WithTimeout(ctx, askWithin)
		defer cancel()
		return count(ctx)
	}})
}

// Describe names the gauge.
func (p people) Describe(to chan<- *prometheus.Desc) { to <- p.about }

// Collect counts. A count that fails is told as such in the scrape.
func (p people) Collect(to chan<- prometheus.Metric) {
	counted, err := p.count()
	if err != nil {
		to <- prometheus.NewInvalidMetric(p.about, err)
		return
	}
	for code, people := range counted {
		to <- prometheus.MustNewConstMetric(p.about, prometheus.GaugeValue, float64(people), code)
	}
}
