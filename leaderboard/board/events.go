package board

import (
	"context"
	"net/http"
	"strconv"

	"kafka-workshop/internal/httpserve"

	"github.com/gin-gonic/gin"
)

// events streams a page of the board or, with ?team=7, a team's page. Both are public: a cookie makes no difference.
func (b *Board) events(c *gin.Context) error {
	text, ok := c.GetQuery("team")
	if !ok {
		k, err := roomKey(c)
		if err != nil {
			return err
		}
		return b.streamPublic(c, k)
	}

	n, err := strconv.Atoi(text)
	if _, ok := team(b.view.Load().Public, n); err != nil || !ok {
		return httpserve.Status(http.StatusNotFound, "there is no such team")
	}
	return b.streamPublic(c, feedKey{kind: teamPages, number: n})
}

// instructorEvents streams one of the instructor's pages.
func (b *Board) instructorEvents(c *gin.Context) error {
	k, err := instructorKey(c)
	if err != nil {
		return err
	}
	b.streamFeed(c, k, func() {})
	return nil
}

// streamPublic streams a feed to anyone, up to the limit on public streams.
func (b *Board) streamPublic(c *gin.Context, k feedKey) error {
	end, err := b.streams.Open(c)
	if err != nil {
		return err
	}
	b.streamFeed(c, k, end)
	return nil
}

// streamFeed streams a feed, and calls end when the stream ends.
func (b *Board) streamFeed(c *gin.Context, k feedKey, end func()) {
	f, leave := b.watch(k)
	ended := func() {
		leave()
		end()
	}
	httpserve.StreamTo(c.Writer, c.Request, ended, func(ctx context.Context, s *httpserve.Stream) {
		hello := httpserve.Event("hello", b.pages.build+" "+strconv.FormatInt(b.cfg.Now().UnixMilli(), 10))
		if s.Send(hello) == nil {
			_ = f.follow(ctx, s) // an error means that the viewer has disconnected
		}
	})
}
