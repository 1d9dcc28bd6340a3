package panel

import (
	"testing"

	"kafka-workshop/internal/httpserve/httpservetest"

	"github.com/gin-gonic/gin"
)

func TestHeadAnswersAsGetDoes(t *testing.T) {
	r := open(t)
	httpservetest.CheckHeads(t, r.handler.(*gin.Engine), token, nil)
}
