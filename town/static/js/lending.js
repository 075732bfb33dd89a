// The button names the days that were chosen in the calendar; when others are typed it names none.
addEventListener('input', event => {
  const form = event.target.closest?.('[data-dates]');
  const button = form?.querySelector('[data-plain]');
  if (button && ['date', 'time'].includes(event.target.type)) button.textContent = button.dataset.plain;
});
