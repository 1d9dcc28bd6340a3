package look

import "html/template"

const svg = `<svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">`

var badgeSVG = map[string]template.HTML{
	"connected":       svg + `<path d="M9 2v5M15 2v5M6 7h12v4a6 6 0 0 1-12 0zM12 17v5"/></svg>`,
	"first_load":      svg + `<path d="M12 16V4M7 9l5-5 5 5M4 15v5h16v-5"/></svg>`,
	"scaled":          svg + `<path d="M12 3v18M7 21h10M4 7h16M4 7l-2.5 6a3 3 0 0 0 5 0zM20 7l-2.500 6a3 3 0 0 0 5 0z"/></svg>`,
	"stats_published": svg + `<path d="M4 21V11h4v10zM10 21V3h4v18zM16 21v-7h4v7z"/></svg>`,
	"fault_tolerant":  svg + `<circle cx="12" cy="12" r="9"/><circle cx="12" cy="12" r="4"/><path d="M5.600 5.600l3.600 3.600M18.400 5.600l-3.600 3.600M5.600 18.400l3.600-3.600M18.400 18.400l-3.600-3.600"/></svg>`,
	"full_house":      svg + `<path d="M5 22V3h14l-3 5 3 5H5M9.500 3v10M14 3v10M5 8h11"/></svg>`,
	"spare":           svg + `<path d="M7 3v10h10M7 13v8M17 13v8M7 17h10"/></svg>`,
	"lag_buster":      svg + `<path d="M13 3l-2 9M7 12h9l2 9H4zM9 21l1-4M14 21l-.500-4"/></svg>`,
	"sharpshooter":    svg + `<circle cx="12" cy="12" r="9"/><circle cx="12" cy="12" r="5"/><circle cx="12" cy="12" r="1"/></svg>`,
}
