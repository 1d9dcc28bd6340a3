package panel

import (
	"testing"

	"kafka-workshop/internal/httpserve/httpservetest"

	"github.com/gin-gonic/gin"
)

func TestRoutesAreDocumented(t *testing.T) {
	httpservetest.CheckDocumented(t, open(t).handler.(*gin.Engine), "../../docs/api.md")
}

func TestHeadAnswersAsGetDoes(t *testing.T) {
	r := open(t)
	httpservetest.CheckHeads(t, r.handler.(*gin.Engine), token, nil)
}
