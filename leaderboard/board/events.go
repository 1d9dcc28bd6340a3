package board

import (
	"context"
	"net/http"
	"strconv"

	"kafka-workshop/internal/httpserve"

	"github.com/gin-gonic/gin"
)

// events streams the room's feed or, with ?team=7, the feed of a team's page. Both are public: a cookie changes nothing.
func (b *Board) events(c *gin.Context) error {
	text, ok := c.GetQuery("team")
	if !ok {
		return b.streamPublic(c, b.room)
	}
	n, err := strconv.Atoi(text)
	if _, ok := team(b.view.Load().Public, n); err != nil || !ok {
		return httpserve.Status(http.StatusNotFound, "there is no such team")
	}
	return b.streamPublic(c, b.teamFeed(n))
}

// streamPublic streams a feed to anybody, up to the limit of public streams.
func (b *Board) streamPublic(c *gin.Context, f *feed) error {
	end, err := b.streams.Open(c)
	if err != nil {
		return err
	}
	b.streamFeed(c, f, end)
	return nil
}

// streamFeed streams a feed, and then calls end.
func (b *Board) streamFeed(c *gin.Context, f *feed, end func()) {
	httpserve.StreamTo(c.Writer, c.Request, end, func(ctx context.Context, s *httpserve.Stream) {
		hello := httpserve.Event("hello", b.pages.build+" "+strconv.FormatInt(b.cfg.Now().UnixMilli(), 10))
		if s.Send(hello) == nil {
			_ = f.follow(ctx, s) // an error means that the viewer has disconnected
		}
	})
}

// teamFeed returns the feed of a team's page. It is made for its first viewer.
func (b *Board) teamFeed(n int) *feed {
	b.mu.Lock()
	defer b.mu.Unlock()

	f := b.teams[n]
	if f == nil {
		f = newFeed()
		f.publish(b.teamParts(b.view.Load(), n), true)
		b.teams[n] = f
	}
	return f
}
